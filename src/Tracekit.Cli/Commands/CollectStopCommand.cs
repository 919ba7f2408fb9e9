using System.CommandLine;
using Tracekit.Cli.Options;
using Tracekit.Collect.Daemon;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit collect stop</c>: ends collectors, by SIGTERM and in the end by SIGKILL, and waits until they are gone.</summary>
internal sealed class CollectStopCommand : Command
{
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(5);

    private readonly RunIdentity _identity = new();
    private readonly Option<bool?> _all = Flag.OnOff("--all", "every collector of this user, of whatever run", "STOP_ALL");
    private readonly Option<double> _timeoutS = Flag.Number("--timeout-s", 10, 0, 3600, "seconds that it has to end before it is killed");

    public CollectStopCommand()
        : base("stop", "end a collector and wait until it is gone")
    {
        _identity.AddNodeTo(this);
        Options.Add(_all);
        Options.Add(_timeoutS);
        SetAction(Run);
    }

    private int Run(ParseResult result)
    {
        var logs = _identity.Logs(result);
        IReadOnlyList<RunDirectory> directories;
        string what;
        if (result.GetValue(_all) == true)
        {
            directories = CollectorRegistry.Find(logs);
            what = "of this user";
        }
        else
        {
            var runId = _identity.GivenRunId(result) ?? throw new UsageException("which run? give --run-id, or --all for every collector of this user");
            var node = _identity.GivenNodeId(result);
            directories = [.. CollectorRegistry.OfRun(Path.Combine(logs, runId)).Where(d => node is null || CollectorStatus.Read(d)?.Node is not { } its || its == node)];
            what = node is null ? $"of run {runId}" : $"of node {node} in run {runId}";
        }

        var stopped = 0;
        foreach (var directory in directories)
        {
            if (CollectorClaim.HolderOf(directory) is { } collector && ProcessHandle.TryOpen(collector) is { } process)
            {
                using (process)
                {
                    Stop(process, collector.Pid, directory, TimeSpan.FromSeconds(result.GetValue(_timeoutS)));
                }

                stopped++;
            }
        }

        if (stopped == 0)
        {
            Console.WriteLine($"no collector {what} is running");
        }

        return 0;
    }

    private static void Stop(ProcessHandle process, int pid, RunDirectory directory, TimeSpan timeout)
    {
        process.Send(Signals.Terminate);
        var wasKilled = !process.WaitForEnd(timeout);
        if (wasKilled)
        {
            process.Send(Signals.Kill);
            if (!process.WaitForEnd(KillLimit))
            {
                throw new TracekitException($"{directory.Path}: its collector (pid {pid}) does not end, not even by SIGKILL; see /proc/{pid}/stack");
            }
        }

        Console.WriteLine($"{(wasKilled ? "killed " : "stopped")}   {directory.Path} (pid {pid})");
    }
}
