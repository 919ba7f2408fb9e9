using System.Globalization;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Bench;

/// <summary>Sleeping processes of a benchmark's own. They die with it, however it ends, and none is left as a zombie when this is disposed.</summary>
internal sealed class SleeperGroup : IDisposable
{
    private readonly ProcessGroupGuard _guard = ProcessGroupGuard.Start();
    private readonly RunClock _clock;

    /// <summary>Starts <paramref name="count"/> of them.</summary>
    public SleeperGroup(int count, RunClock clock)
    {
        _clock = clock;
        var pids = new List<int>(count);
        try
        {
            for (var i = 0; i < count; i++)
            {
                pids.Add(Start("/bin/sleep", ["sleep", "600"]));
            }
        }
        finally
        {
            Pids = [.. pids];
            if (pids.Count < count)
            {
                Dispose();
            }
        }
    }

    /// <summary>Their pids.</summary>
    public int[] Pids { get; }

    /// <summary>Starts another program in the group; whoever starts it waits for it.</summary>
    public int Start(string path, IReadOnlyList<string> arguments, int standardOutput = -1)
    {
        var held = ProcessSpawn.Hold(new SpawnRequest
        {
            Path = path,
            Arguments = arguments,
            Environment = ["LC_ALL=C"],
            ProcessGroup = _guard.Group,
            StandardOutput = standardOutput,
        });
        if (held.Release() is { } error)
        {
            ChildProcess.WaitForEnd(held.Pid, _clock);
            throw new TracekitException(error);
        }

        return held.Pid;
    }

    /// <summary>A run directory whose whitelist has the first <paramref name="count"/> of them.</summary>
    public RunDirectory Whitelist(string path, int count)
    {
        var run = new RunDirectory(path);
        Directory.CreateDirectory(run.Pids);
        foreach (var pid in Pids.Take(count))
        {
            File.WriteAllText(Path.Combine(run.Pids, pid.ToString(CultureInfo.InvariantCulture)), "");
        }

        return run;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _guard.Dispose();
        foreach (var pid in Pids)
        {
            ChildProcess.WaitForEnd(pid, _clock);
        }
    }
}
