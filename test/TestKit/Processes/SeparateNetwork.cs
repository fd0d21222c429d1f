using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Divolte.TestKit.Processes;

/// <summary>
/// A network of its own for one process, which can be cut off while the process lives. Everybody still calls everybody at 127.0.0.1: what is called there from
/// inside goes to the machine, and what the machine calls there on the given ports goes inside. Linux, as root; elsewhere the test is skipped.
/// </summary>
public sealed class SeparateNetwork : IDisposable
{
    private readonly string _name = $"dv{Environment.ProcessId}";
    private readonly string _inside = $"10.231.{Environment.ProcessId % 250}.2";
    private readonly string _outside = $"10.231.{Environment.ProcessId % 250}.1";
    private readonly string _ports;
    private readonly Stack<string> _undo = new();
    private string? _cut;

    private SeparateNetwork(IEnumerable<int> ports) => _ports = Join(ports);

    /// <summary>What runs a program inside: see <see cref="SiloProcessSettings.Before"/>.</summary>
    public IReadOnlyList<string> Before => ["ip", "netns", "exec", _name];

    private string Machine => _name + "m";

    private string Guest => _name + "g";

    /// <summary>Makes the network, or skips the running test.</summary>
    /// <param name="ports">All ports that the process inside will open.</param>
    public static SeparateNetwork CreateOrSkip(params int[] ports)
    {
        if (!Environment.IsPrivilegedProcess || !RedisProcess.IsInstalled("ip") || !RedisProcess.IsInstalled("iptables"))
            Assert.Skip("needs network namespaces: root, and the programs ip and iptables (Debian: apt-get install iproute2 iptables)");
        var network = new SeparateNetwork(ports);
        try
        {
            network.Create();
        }
        catch (InvalidOperationException refused)
        {
            network.Dispose();
            Assert.Skip($"needs network namespaces: {refused.Message}");
        }
        return network;
    }

    /// <summary>Lets no packet pass in either direction, but for those of some ports.</summary>
    public void Cut(params int[] butFor)
    {
        _cut = $"-p tcp -m multiport ! --ports {Join(butFor)} -j DROP";
        RunInside($"iptables -A INPUT -i {Guest} {_cut}");
        RunInside($"iptables -A OUTPUT -o {Guest} {_cut}");
    }

    /// <summary>Lets packets pass again.</summary>
    public void Heal()
    {
        RunInside($"iptables -D INPUT -i {Guest} {_cut}");
        RunInside($"iptables -D OUTPUT -o {Guest} {_cut}");
    }

    public void Dispose()
    {
        while (_undo.TryPop(out var command))
            TryRun(command, out _);
    }

    private void Create()
    {
        Do($"ip netns add {_name}", $"ip netns del {_name}");
        Do($"ip link add {Machine} type veth peer name {Guest} netns {_name}", $"ip link del {Machine}");
        Run($"ip addr add {_outside}/30 dev {Machine}");
        Run($"ip link set {Machine} up");
        RunInside("ip link set lo up");
        RunInside($"ip addr add {_inside}/30 dev {Guest}");
        RunInside($"ip link set {Guest} up");
        // Packets of loopback addresses may cross between the two.
        Run($"sysctl -qw net.ipv4.conf.{Machine}.route_localnet=1");
        RunInside($"sysctl -qw net.ipv4.conf.{Guest}.route_localnet=1");
        RunInside($"iptables -t nat -A OUTPUT -d 127.0.0.1 -p tcp -m multiport ! --dports {_ports} -j DNAT --to-destination {_outside}");
        RunInside($"iptables -t nat -A POSTROUTING -o {Guest} -s 127.0.0.1 -j SNAT --to-source {_inside}");
        RunInside($"iptables -t nat -A PREROUTING -i {Guest} -p tcp -d {_inside} -j DNAT --to-destination 127.0.0.1");
        DoNat($"OUTPUT -d 127.0.0.1 -p tcp -m multiport --dports {_ports} -j DNAT --to-destination {_inside}");
        DoNat($"POSTROUTING -o {Machine} -s 127.0.0.1 -j SNAT --to-source {_outside}");
        DoNat($"PREROUTING -i {Machine} -p tcp -d {_outside} -j DNAT --to-destination 127.0.0.1");
    }

    private void DoNat(string rule) => Do($"iptables -t nat -A {rule}", $"iptables -t nat -D {rule}");

    private void Do(string command, string undo)
    {
        Run(command);
        _undo.Push(undo);
    }

    private void RunInside(string command) => Run($"ip netns exec {_name} {command}");

    private static void Run(string command)
    {
        if (!TryRun(command, out var trouble))
            throw new InvalidOperationException($"{command}: {trouble}");
    }

    private static bool TryRun(string command, out string trouble)
    {
        var words = command.Split(' ');
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true })!;
        trouble = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static string Join(IEnumerable<int> ports) => string.Join(',', ports.Select(port => port.ToString(CultureInfo.InvariantCulture)));
}
