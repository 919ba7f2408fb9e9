using System.Diagnostics;
using Tracekit.Linux;

namespace Tracekit.EndToEnd;

/// <summary>A process of a run, started again as a service manager would: when it was killed, and when it found no server as it started.</summary>
internal sealed class Member(string name, TracekitProgram program, string[] arguments) : IDisposable
{
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan TriesAgainAfter = TimeSpan.FromMilliseconds(200);

    private readonly List<string> _told = [];
    private readonly Stopwatch _sinceStart = new();
    private TracekitProgram.RunningTracekit? _running;
    private bool _isWanted;

    /// <summary>True when it came to its end by itself and said that all is well.</summary>
    public bool IsDone => _running is { HasEnded: true, ExitCode: 0 };

    /// <summary>Everything that it and those before it said.</summary>
    public string Told => $"--- {name}\n{string.Join("", _told)}{_running?.ErrorSoFar}";

    public void Start()
    {
        _isWanted = true;
        if (_running is null)
        {
            _running = program.Start(arguments);
            _sinceStart.Restart();
        }
    }

    /// <summary>SIGKILL; it stays away until it is started again.</summary>
    public void Kill()
    {
        if (!IsDone)
        {
            _isWanted = false;
            Remove("killed");
        }
    }

    /// <summary>Starts it again if it ended before it had a server; anything else that ends it is a fault of its own.</summary>
    public void Tend()
    {
        if (!_isWanted || _running is not { HasEnded: true, ExitCode: not 0 } ended || _sinceStart.Elapsed < TriesAgainAfter)
        {
            return;
        }

        var last = ended.ErrorSoFar.TrimEnd().Split('\n')[^1];
        var foundNoServer = last.StartsWith("tracekit: redis://", StringComparison.Ordinal) && _sinceStart.Elapsed < StartsWithin;
        Assert.True(foundNoServer || last.Contains("has a worker already", StringComparison.Ordinal), $"{name} ended with {ended.ExitCode}: {ended.ErrorSoFar}");
        Remove("started again");
        Start();
    }

    /// <summary>SIGTERM, and it must go in good order.</summary>
    public void Leave()
    {
        if (_running is { } running)
        {
            Signals.Send(running.Pid, Signals.Terminate);
        }
    }

    /// <summary>The exit code that it left with.</summary>
    public int LeftWith() => _running!.End().ExitCode;

    public void Dispose() => Remove("disposed");

    private void Remove(string why)
    {
        if (_running is { } running)
        {
            if (!running.HasEnded)
            {
                Signals.Send(running.Pid, Signals.Kill);
                Wait.Until(() => running.HasEnded);
            }

            _told.Add($"{running.ErrorSoFar}({why})\n");
            running.Dispose();
            _running = null;
        }
    }
}
