using System.Diagnostics;
using System.Globalization;

namespace Tracekit.EndToEnd;

/// <summary>
/// Several hosts on one machine: network namespaces, one for a controller and one for each worker, each with an address of its own on a bridge that stands
/// in the controller's. Nothing leads out of them. Where this user may not make namespaces, they are made inside a user namespace of the test's own.
/// </summary>
internal sealed class NetworkHosts : IDisposable
{
    public const string ControllerAddress = "10.213.0.1";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static int _made;

    private readonly List<string> _names = [];
    private readonly string _prefix = string.Create(
        CultureInfo.InvariantCulture, $"tk{Environment.ProcessId}x{Interlocked.Increment(ref _made)}");

    private readonly Process? _userNamespace;
    private readonly string[] _enter = [];

    /// <param name="workers">How many workers.</param>
    /// <param name="asUser">True to make a user namespace even where none is needed.</param>
    public NetworkHosts(int workers, bool asUser = false)
    {
        try
        {
            var refusal = asUser ? "not asked for" : TryAdd("c");
            if (refusal is not null)
            {
                _userNamespace = OpenUserNamespace(refusal);
                _enter = ["nsenter", "--target", $"{_userNamespace.Id}", "--user", "--preserve-credentials", "--mount", "--net"];
                var again = TryAdd("c");
                Assert.True(again is null, $"no network namespaces: 'ip netns add' says '{refusal}', and in a user namespace '{again}'; run the tests as root");
            }

            Ip("-n", Controller, "link", "set", "lo", "up");
            Ip("-n", Controller, "link", "add", "bridge", "type", "bridge");
            Ip("-n", Controller, "addr", "add", $"{ControllerAddress}/24", "dev", "bridge");
            Ip("-n", Controller, "link", "set", "bridge", "up");
            for (var i = 1; i <= workers; i++)
            {
                Assert.Null(TryAdd($"w{i}"));
                Ip("-n", Controller, "link", "add", $"port{i}", "type", "veth", "peer", "name", "eth0", "netns", Worker(i));
                Ip("-n", Controller, "link", "set", $"port{i}", "master", "bridge", "up");
                Ip("-n", Worker(i), "link", "set", "lo", "up");
                Ip("-n", Worker(i), "addr", "add", $"10.213.0.{10 + i}/24", "dev", "eth0");
                Ip("-n", Worker(i), "link", "set", "eth0", "up");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The controller's name.</summary>
    public string Controller => $"{_prefix}c";

    /// <summary>The name of a worker, from 1.</summary>
    public string Worker(int number) => $"{_prefix}w{number}";

    /// <summary>What in front of a command makes it run on a host. It becomes the command, so the process id is the command's.</summary>
    public string[] On(string host) => [.. _enter, "ip", "netns", "exec", host];

    /// <summary>Process ids on all the hosts.</summary>
    public string Pids() => string.Concat(_names.Select(n => Ip("netns", "pids", n)));

    /// <summary>Names of ours that are still there.</summary>
    public IReadOnlyList<string> Left() =>
        [.. Ip("netns", "list").Split('\n').Select(l => l.Split(' ')[0]).Where(n => n.StartsWith(_prefix, StringComparison.Ordinal))];

    /// <summary>Removes the hosts; the bridge and the cables go with them.</summary>
    public void Remove()
    {
        foreach (var name in _names)
        {
            Run([.. _enter, "ip", "netns", "delete", name]);
        }

        _names.Clear();
    }

    public void Dispose()
    {
        Remove();
        if (_userNamespace is not null)
        {
            _userNamespace.Kill();
            _userNamespace.WaitForExit();
            _userNamespace.Dispose();
        }
    }

    /// <summary>Runs a command on a host to its end and returns what it printed.</summary>
    public string Succeed(string host, (string Name, string Value) variable, params string[] command)
    {
        var (code, output, error) = Run([.. On(host), .. command], variable);
        Assert.True(code == 0, $"{command[0]} on {host} gave {code}: {error}{output}");
        return output;
    }

    /// <summary>Adds a namespace; null, or why not.</summary>
    private string? TryAdd(string suffix)
    {
        var (code, _, error) = Run([.. _enter, "ip", "netns", "add", _prefix + suffix]);
        if (code != 0)
        {
            Run([.. _enter, "ip", "netns", "delete", _prefix + suffix]);
            return error.Trim();
        }

        _names.Add(_prefix + suffix);
        return null;
    }

    private string Ip(params string[] arguments)
    {
        var (code, output, error) = Run([.. _enter, "ip", .. arguments]);
        Assert.True(code == 0, $"ip {string.Join(' ', arguments)} gave {code}: {error}");
        return output;
    }

    // Ends by itself when this process does: its standard input closes.
    private static Process OpenUserNamespace(string refusal)
    {
        var start = new ProcessStartInfo(
            "unshare",
            ["--user", "--map-root-user", "--net", "--mount", "sh", "-c", "mount -t tmpfs none /run && mkdir /run/netns && echo ready && exec cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        if (process.StandardOutput.ReadLine() == "ready")
        {
            return process;
        }

        var error = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        process.Dispose();
        Assert.Fail($"this test needs network namespaces: 'ip netns add' says '{refusal}', and a user namespace '{error}'; run the tests as root");
        return null!;
    }

    private static (int Code, string Output, string Error) Run(string[] command, (string Name, string Value)? variable = null)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (variable is { } v)
        {
            start.Environment[v.Name] = v.Value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill();
            Assert.Fail($"{string.Join(' ', command)}: not ended after {Limit}");
        }

        return (process.ExitCode, output.Result, error.Result);
    }
}
