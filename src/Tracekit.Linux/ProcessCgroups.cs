namespace Tracekit.Linux;

/// <summary>A process's control group in one mounted hierarchy (cgroups(7)).</summary>
/// <param name="Controllers">The hierarchy's controllers as /proc/PID/cgroup has them ("cpu,cpuacct", "name=systemd"); empty for version 2.</param>
/// <param name="MountPoint">Where the hierarchy is mounted.</param>
/// <param name="Directory">The group's directory.</param>
public readonly record struct ProcessCgroup(string Controllers, string MountPoint, string Directory)
{
    /// <summary>True for the highest group that we see: it has the machine's processes, or our container's.</summary>
    public bool IsRoot => Directory == MountPoint;
}

/// <summary>In which control groups another process is.</summary>
public static class ProcessCgroups
{
    /// <summary>The groups of a process in every mounted hierarchy; empty when there is no such process.</summary>
    public static IReadOnlyList<ProcessCgroup> Of(int pid)
    {
        try
        {
            return Parse(File.ReadAllText($"/proc/{pid}/cgroup"), File.ReadAllText("/proc/self/mountinfo"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The same from the texts of <c>/proc/PID/cgroup</c> and of our own <c>/proc/self/mountinfo</c>; hierarchies that are not mounted are left out.</summary>
    /// <param name="groups">Lines of HIERARCHY:CONTROLLERS:PATH, the path as seen from our cgroup namespace.</param>
    /// <param name="mountInfo">Our mounts.</param>
    public static IReadOnlyList<ProcessCgroup> Parse(string groups, string mountInfo)
    {
        var found = new List<ProcessCgroup>();
        foreach (var fields in groups.Split('\n').Select(line => line.Split(':', 3)).Where(fields => fields.Length == 3))
        {
            var controllers = fields[1];
            if (CgroupMount.Find(mountInfo, groups, controllers.Length == 0 ? null : controllers.Split(',')[0]) is { } mount)
            {
                found.Add(new ProcessCgroup(controllers, mount.MountPoint, mount.Path));
            }
        }

        return found;
    }
}
