using System.Globalization;

namespace Tracekit.Linux;

/// <summary>The processes of a control group (cgroups(7)).</summary>
public static class CgroupProcesses
{
    private const int KillRounds = 1000;
    private static readonly TimeSpan KillPause = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// Their pids; empty when the group is gone. The kernel writes 0 for a process that our pid namespace does not have; those are left out, for a
    /// signal to 0 is one to ourselves.
    /// </summary>
    public static IReadOnlyList<int> Of(string group)
    {
        try
        {
            return Parse(File.ReadAllText($"{group}/cgroup.procs"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Reads the text of <c>cgroup.procs</c>.</summary>
    internal static IReadOnlyList<int> Parse(string text) =>
    [
        .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0),
    ];

    /// <summary>
    /// Kills them and waits until they are gone: at one blow by <c>cgroup.kill</c> (version 2, since Linux 5.14), else round by round, for they may
    /// fork meanwhile. Never this process itself.
    /// </summary>
    public static void Kill(string group)
    {
        if (Of(group).Contains(Environment.ProcessId))
        {
            return;
        }

        var atOnce = TryKillAtOnce(group);
        for (var round = 0; round < KillRounds && Of(group) is { Count: > 0 } pids; round++)
        {
            foreach (var pid in atOnce ? [] : pids)
            {
                Signals.Send(pid, Signals.Kill);
            }

            Thread.Sleep(KillPause);
        }
    }

    private static bool TryKillAtOnce(string group)
    {
        try
        {
            CgroupFile.WriteOnce($"{group}/cgroup.kill", "1");
            return true;
        }
        catch (Model.TracekitException)
        {
            return false;
        }
    }
}
