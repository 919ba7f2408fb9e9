using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Launch;

/// <summary>
/// The raw files of a node directory that this process writes: invocations of one source, process samples, sentinels. An invocation that cannot
/// be written (a full disk) is kept and tried again with the next one.
/// </summary>
public sealed class RunRecorder : IDisposable
{
    /// <summary>How many invocations are kept while they cannot be written.</summary>
    public const int MaxKept = 10_000;

    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _kept = new();
    private readonly AppendFile _events;
    private readonly AppendFile _samples;

    /// <summary>Opens the files for appending; directories are made.</summary>
    /// <param name="directory">The node directory.</param>
    /// <param name="source">Names the file of invocations: <c>events.SOURCE.jsonl</c>.</param>
    /// <exception cref="TracekitException">A directory or file cannot be made or written: which, and why.</exception>
    public RunRecorder(RunDirectory directory, string source)
    {
        Run = directory;
        try
        {
            Directory.CreateDirectory(directory.Pids);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{directory.Pids}: cannot make the directory: {e.Message}", e);
        }

        _events = AppendFile.Open(directory.EventsOf(source));
        _samples = AppendFile.Open(directory.ProcMetrics);
        Samples = new SampleLog(_samples);
    }

    /// <summary>The node directory.</summary>
    public RunDirectory Run { get; }

    /// <summary>Process samples.</summary>
    public SampleLog Samples { get; }

    /// <summary>Invocations that are not in the file.</summary>
    public int UnwrittenCount
    {
        get
        {
            lock (_lock)
            {
                return _kept.Count + LostCount;
            }
        }
    }

    /// <summary>Invocations that had to be given up.</summary>
    public int LostCount { get; private set; }

    /// <summary>Why invocations are not in the file; null when all are.</summary>
    public string? WriteError { get; private set; }

    /// <summary>Why a sentinel was left behind; null when none was.</summary>
    public string? SentinelError { get; private set; }

    /// <summary>Appends an invocation to the file at once.</summary>
    public void Append(Invocation invocation)
    {
        lock (_lock)
        {
            if (_kept.Count == MaxKept)
            {
                _kept.Dequeue();
                LostCount++;
            }

            _kept.Enqueue(JsonLines.Serialize(invocation, TraceJson.Default.Invocation));
            WriteKept();
        }
    }

    /// <summary>Makes the sentinel of a process.</summary>
    /// <exception cref="TracekitException">It cannot be made: which, and why.</exception>
    public void AddSentinel(int pid)
    {
        try
        {
            File.OpenHandle(SentinelOf(pid), FileMode.Create, FileAccess.Write).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{SentinelOf(pid)}: cannot make the sentinel: {e.Message}", e);
        }
    }

    /// <summary>Removes the sentinel of a process.</summary>
    public void RemoveSentinel(int pid)
    {
        try
        {
            File.Delete(SentinelOf(pid));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A collector sees by the start times that it is stale, and the audit names it.
            SentinelError = $"{SentinelOf(pid)}: cannot remove the sentinel: {e.Message}";
        }
    }

    /// <summary>Tries once more to write what is kept, and closes the files.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            WriteKept();
        }

        _events.Dispose();
        _samples.Dispose();
    }

    private void WriteKept()
    {
        try
        {
            while (_kept.TryPeek(out var line))
            {
                _events.Append(line);
                _kept.Dequeue();
            }

            WriteError = null;
        }
        catch (TracekitException e)
        {
            WriteError = e.Message;
        }
    }

    private string SentinelOf(int pid) => Path.Combine(Run.Pids, pid.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
