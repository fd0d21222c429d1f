using System.Buffers.Binary;
using System.Diagnostics;
using Xunit;

namespace Divolte.TestKit.Processes;

/// <summary>
/// A real Kafka broker: the one that <c>KAFKA_BOOTSTRAP</c> names, else one started from <c>../shared/kafka</c> beside the checkout. Where there is
/// neither, the test is skipped with a reason that says how to run it.
/// </summary>
public sealed class KafkaBroker : IDisposable
{
    private const string HowToRun =
        "needs a Kafka broker: set KAFKA_BOOTSTRAP to the address of one, or put a folder shared/kafka with a broker script beside the checkout";

    private readonly string? _directory;

    private KafkaBroker(string bootstrap, string? directory)
    {
        Bootstrap = bootstrap;
        _directory = directory;
    }

    /// <summary>Address for clients.</summary>
    public string Bootstrap { get; }

    /// <summary>Starts a broker, or skips the running test.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="ownBroker">Whether the test kills or pauses it, so that a broker given by <c>KAFKA_BOOTSTRAP</c> will not do.</param>
    /// <param name="brokers">How many nodes, when one is started.</param>
    public static async Task<KafkaBroker> StartOrSkipAsync(CancellationToken cancellationToken, bool ownBroker = false, int brokers = 1)
    {
        if (!ownBroker && Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP") is { Length: > 0 } given)
            return new KafkaBroker(given, directory: null);
        if (RepositoryPaths.KafkaScript is null)
            Assert.Skip(ownBroker ? HowToRun + " (this test kills its broker, so only the latter will do)" : HowToRun);
        return await Task.Run(() => Start(brokers), cancellationToken);
    }

    private static KafkaBroker Start(int brokers)
    {
        // The script looks whether its node runs by the command line, which is empty for a moment while a process becomes another: on a busy machine it can
        // take a node that has just been started for one that has ended.
        for (var tries = 1; ; tries++)
        {
            var directory = Directory.CreateTempSubdirectory("divolte-kafka-").FullName;
            try
            {
                var bootstrap = Run(
                    "start", directory, "--brokers", brokers.ToString(provider: null), "--owner", Environment.ProcessId.ToString(provider: null));
                return new KafkaBroker(bootstrap, directory);
            }
            catch (InvalidOperationException) when (tries < 3)
            {
            }
        }
    }

    /// <summary><c>kill -9</c> of all nodes, or of one.</summary>
    public void Kill(int? node = null) => Control("kill", node);

    /// <summary>Starts what was killed or stopped, with its data and ports.</summary>
    public void Restart(int? node = null) => Control("restart", node);

    /// <summary>Freezes the processes: a hang.</summary>
    public void Pause(int? node = null) => Control("pause", node);

    /// <summary>Unfreezes them.</summary>
    public void Resume(int? node = null) => Control("resume", node);

    /// <summary>
    /// Takes from a killed one-node broker what it knew of transactions, as a coordinator's log that did not survive a crash would. Those that are open in the
    /// logs of other topics are then nobody's.
    /// </summary>
    public void ForgetTransactions()
    {
        foreach (var log in Directory.GetDirectories(Path.Combine(_directory!, "node-1", "data"), "__transaction_state-*"))
            Directory.Delete(log, recursive: true);
    }

    /// <summary>
    /// Cuts the newest batch from the logs of a topic's partitions, of a killed one-node broker: the end of a transaction, which a broker may fail to write
    /// although its coordinator has noted the transaction as complete.
    /// </summary>
    public void LoseNewestBatch(string topic)
    {
        var partitions = Directory.GetDirectories(Path.Combine(_directory!, "node-1", "data"), $"{topic}-*")
            .Where(path => Path.GetFileName(path)[(topic.Length + 1)..].All(char.IsAsciiDigit));
        foreach (var partition in partitions)
        {
            using var log = File.Open(Directory.GetFiles(partition, "*.log").Order(StringComparer.Ordinal).Last(), FileMode.Open);
            // A batch begins with its offset (64 bits) and the number of bytes that follow (32 bits); what was set aside and not written is zero.
            var head = new byte[sizeof(long) + sizeof(int)];
            var newest = 0L;
            for (var at = 0L; at + head.Length <= log.Length;)
            {
                log.Position = at;
                log.ReadExactly(head);
                var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(sizeof(long)));
                if (length == 0)
                    break;
                newest = at;
                at += head.Length + length;
            }
            log.SetLength(newest);
        }
    }

    /// <summary>Runs one of Kafka's command line tools, as an operator would.</summary>
    /// <returns>What it printed.</returns>
    public string Tool(string name, params string[] arguments) => Run(["tool", name, "--bootstrap-server", Bootstrap, .. arguments]);

    public void Dispose()
    {
        if (_directory is null)
            return;
        Run("kill", _directory);
        Directory.Delete(_directory, recursive: true);
    }

    private void Control(string command, int? node)
    {
        var directory = _directory ?? throw new InvalidOperationException("A broker that KAFKA_BOOTSTRAP names is not ours to control.");
        if (node is { } number)
            Run(command, directory, number.ToString(provider: null));
        else
            Run(command, directory);
    }

    private static string Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(RepositoryPaths.KafkaScript!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var trouble = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 0)
            return text.Trim();
        // Bounded, since what the script started may hold the pipe open.
        var reason = trouble.Wait(TimeSpan.FromSeconds(5)) ? trouble.Result : "(it did not say why)";
        throw new InvalidOperationException($"The broker script ended with exit code {process.ExitCode} on {string.Join(' ', arguments)}:\n{reason}");
    }
}
