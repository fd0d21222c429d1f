using System.IO.Hashing;
using Divolte.Grains.Interfaces.UserAgents;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;

namespace Divolte.Grains.UserAgents;

/// <summary>
/// Tells the slices every second what this silo has seen, for the live page and for silos that start, and learns from them once, when it starts, what the
/// others see. A report that fails is lost: its counts are statistics, and its headers come again.
/// </summary>
internal sealed partial class UserAgentReporter(
    IRememberedUserAgents agents, IGrainFactory grains, TimeProvider time, ILogger<UserAgentReporter> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Reports are cut to this many headers per slice and second; the rest is reported with their next use.</summary>
    private const int UsesMax = 1000;

    private bool _isWarm;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ExchangeAsync();
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
    }

    /// <summary>One second's work.</summary>
    internal async Task ExchangeAsync()
    {
        if (!_isWarm)
        {
            await WarmAsync();
            _isWarm = true;
        }
        var uses = new List<UserAgentUse>[UserAgentSlices.Count];
        agents.TakeUses((header, family, count) =>
        {
            var slice = uses[UserAgentSlices.Of(XxHash3.HashToUInt64(header))] ??= [];
            if (slice.Count < UsesMax)
                slice.Add(new UserAgentUse(header, family, count));
        });
        await Task.WhenAll(uses.Select((slice, number) => slice is null ? Task.CompletedTask : Slice(number).ReportAsync(new UserAgentReport(slice))));
    }

    private async Task WarmAsync()
    {
        var countMax = agents.Capacity / UserAgentSlices.Count;
        var frequent = await Task.WhenAll(Enumerable.Range(0, UserAgentSlices.Count).Select(number => Slice(number).GetFrequentAsync(countMax)));
        foreach (var use in frequent.SelectMany(report => report.Uses))
            agents.Remember(use.Header);
    }

    private IUserAgentGrain Slice(int number) => grains.GetGrain<IUserAgentGrain>(number);

    [LoggerMessage(EventIds.UserAgentsNotReported, LogLevel.Debug, "The user agents of this silo could not be told to the cluster; trying again")]
    private partial void LogFailed(Exception exception);
}
