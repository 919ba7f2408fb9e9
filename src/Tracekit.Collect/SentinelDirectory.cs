using System.Buffers.Text;
using System.Globalization;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>The whitelist: a directory with an empty file per task, named by its pid.</summary>
public sealed class SentinelDirectory : IDisposable
{
    // A sentinel is made after its process. More than this the other way round, and the pid has gone to another process.
    private static readonly TimeSpan RecycledAfter = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly RunClock _clock;
    private readonly int? _onlyChildrenOf;
    private readonly Action<ProcessProbe> _added;
    private readonly Action<int> _removed;
    private readonly HashSet<int> _pids = [];
    private readonly DirectoryWatch.ChangeHandler _onChange;
    private bool _isLost;

    /// <summary>Makes the directory if there is none, watches it, and takes in the sentinels that are there.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="clock">Tells which sentinels are older than the process that now has their pid.</param>
    /// <param name="onlyChildrenOf">Take in only children of this process; null for all.</param>
    /// <param name="added">Takes a process that has a sentinel, also those that are there now.</param>
    /// <param name="removed">Is told when a sentinel has gone.</param>
    public SentinelDirectory(string path, RunClock clock, Action<ProcessProbe> added, Action<int> removed, int? onlyChildrenOf = null)
    {
        _added = added;
        _removed = removed;
        _onlyChildrenOf = onlyChildrenOf;
        _path = path;
        _clock = clock;
        _onChange = OnChange;
        Directory.CreateDirectory(path);
        Watch = DirectoryWatch.Open(path);
        ListAnew();
    }

    /// <summary>Why the directory cannot be watched at the moment; null when it is.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Becomes readable when sentinels come or go.</summary>
    public DirectoryWatch Watch { get; private set; }

    /// <summary>Entries that are no pid of a task: no number, 0, or init.</summary>
    public long IgnoredCount { get; private set; }

    /// <summary>Takes in what came and lets go what went.</summary>
    public void Update()
    {
        Watch.Read(_onChange);
        if (_isLost)
        {
            Rewatch();
        }
    }

    /// <summary>Lets a process go that has ended.</summary>
    public void Remove(int pid) => _pids.Remove(pid);

    /// <summary>Stops watching.</summary>
    public void Dispose() => Watch.Dispose();

    private void OnChange(DirectoryChange change, ReadOnlySpan<byte> name)
    {
        if (change == DirectoryChange.Lost)
        {
            _isLost = true;
        }
        else if (!Utf8Parser.TryParse(name, out int pid, out var used) || used != name.Length || pid <= 1)
        {
            IgnoredCount += change == DirectoryChange.Added ? 1 : 0;
        }
        else
        {
            // Also before adding: a sentinel that was deleted and made again may stand for another process with the same pid.
            if (_pids.Remove(pid))
            {
                _removed(pid);
            }

            if (change == DirectoryChange.Added && ProcessProbe.TryOpen(pid) is { } probe)
            {
                AddOrDispose(probe, isWanted: true);
            }
        }
    }

    // A directory that was removed is made anew: whoever runs tasks needs it as much as we do.
    private void Rewatch()
    {
        try
        {
            Directory.CreateDirectory(_path);
            var watch = DirectoryWatch.Open(_path);
            Watch.Dispose();
            Watch = watch;
            ListAnew();
            _isLost = false;
            Trouble = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TracekitException)
        {
            Trouble = e.Message;
        }
    }

    private void ListAnew()
    {
        foreach (var file in new DirectoryInfo(_path).GetFiles())
        {
            if (!int.TryParse(file.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || pid <= 1)
            {
                IgnoredCount++;
            }
            else if (!_pids.Contains(pid) && ProcessProbe.TryOpen(pid) is { } probe)
            {
                AddOrDispose(probe, isWanted: !StartedAfter(probe, file.LastWriteTimeUtc));
            }
        }
    }

    private void AddOrDispose(ProcessProbe probe, bool isWanted)
    {
        if (isWanted && (_onlyChildrenOf is null || probe.ParentPid == _onlyChildrenOf))
        {
            _pids.Add(probe.Pid);
            _added(probe);
        }
        else
        {
            probe.Dispose();
            IgnoredCount++;
        }
    }

    private bool StartedAfter(ProcessProbe probe, DateTime sentinelTime) =>
        ProcPidStat.StartEpochNs(probe.StartTimeTicks, _clock) > ((sentinelTime - DateTime.UnixEpoch) + RecycledAfter).Ticks * 100;
}
