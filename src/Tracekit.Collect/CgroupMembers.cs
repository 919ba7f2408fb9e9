using System.Text;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>Which processes are in the control groups that were asked for, or below them.</summary>
internal sealed class CgroupMembers
{
    private const int TextBytes = 8 * 1024;

    private readonly List<Group> _groups = [];

    /// <exception cref="UsageException">A path is none of a control group file system.</exception>
    public CgroupMembers(IReadOnlyList<string> paths)
    {
        if (paths.Count == 0)
        {
            return;
        }

        var mounts = File.ReadAllText("/proc/self/mountinfo");
        foreach (var path in paths)
        {
            var location = CgroupLocation.Find(mounts, path)
                ?? throw new UsageException($"{Printable.Line(path)}: no control group file system is mounted there; give a directory below /sys/fs/cgroup");
            _groups.Add(new Group(location, Encoding.UTF8.GetBytes(location.Controller), Encoding.UTF8.GetBytes(location.Group)));
        }
    }

    /// <summary>The groups that were asked for.</summary>
    public IEnumerable<CgroupLocation> Locations => _groups.Select(g => g.Location);

    /// <summary>True when none was asked for.</summary>
    public bool IsEmpty => _groups.Count == 0;

    /// <summary>True when the process is in one of them now.</summary>
    public bool Has(int pid)
    {
        if (IsEmpty)
        {
            return false;
        }

        Span<byte> buffer = stackalloc byte[TextBytes];
        var text = buffer[..Math.Max(0, ProcFile.ReadOnce($"/proc/{pid}/cgroup", buffer))];
        foreach (var group in _groups)
        {
            if (ProcPidCgroup.IsIn(text, group.Controller, group.Path))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds the processes that are in them now; a group that is gone has none.</summary>
    public void AddTo(ISet<int> pids)
    {
        foreach (var group in _groups)
        {
            AddTo(pids, group.Location.Directory);
        }
    }

    private static void AddTo(ISet<int> pids, string directory)
    {
        foreach (var pid in CgroupProcesses.Of(directory))
        {
            pids.Add(pid);
        }

        try
        {
            foreach (var below in Directory.EnumerateDirectories(directory))
            {
                AddTo(pids, below);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It went while we looked, and its processes with it.
        }
    }

    private readonly record struct Group(CgroupLocation Location, byte[] Controller, byte[] Path);
}
