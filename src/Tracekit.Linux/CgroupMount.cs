namespace Tracekit.Linux;

/// <summary>A control group hierarchy, and where in it this process stands (cgroups(7)).</summary>
/// <param name="MountPoint">Where it is mounted: the highest group that we see.</param>
/// <param name="Path">Directory of this process's own control group.</param>
public readonly record struct CgroupMount(string MountPoint, string Path)
{
    /// <summary>The version 1 hierarchy with the CPU controller; null when none is mounted.</summary>
    public static CgroupMount? OfCpuVersion1() => Find(File.ReadAllText("/proc/self/mountinfo"), File.ReadAllText("/proc/self/cgroup"), "cpu");

    /// <summary>The unified hierarchy; null when it is not mounted.</summary>
    public static CgroupMount? OfVersion2() => Find(File.ReadAllText("/proc/self/mountinfo"), File.ReadAllText("/proc/self/cgroup"), null);

    /// <summary>The groups from our own up to the highest that we see.</summary>
    public IEnumerable<string> Upwards()
    {
        for (var group = Path; ; group = System.IO.Path.GetDirectoryName(group)!)
        {
            yield return group;
            if (group.Length <= MountPoint.Length)
            {
                yield break;
            }
        }
    }

    /// <summary>The same from the texts of <c>/proc/self/mountinfo</c> (proc_pid_mountinfo(5)) and <c>/proc/self/cgroup</c>.</summary>
    /// <param name="mountInfo">The mounts.</param>
    /// <param name="ownGroups">Our groups.</param>
    /// <param name="controller">A controller of version 1; null for the unified hierarchy.</param>
    internal static CgroupMount? Find(string mountInfo, string ownGroups, string? controller)
    {
        foreach (var line in mountInfo.Split('\n'))
        {
            // ID PARENT MAJOR:MINOR ROOT MOUNTPOINT OPTIONS … - TYPE SOURCE SUPEROPTIONS
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (dash < 5 || fields.Length < dash + 4)
            {
                continue;
            }

            var (root, mountPoint, type) = (Unescape(fields[3]), Unescape(fields[4]), fields[dash + 1]);
            if (controller is null ? type == "cgroup2" : type == "cgroup" && fields[dash + 3].Split(',').Contains(controller))
            {
                return new CgroupMount(mountPoint, Join(mountPoint, root, OwnPath(ownGroups, controller ?? "")));
            }
        }

        return null;
    }

    // HIERARCHY:CONTROLLERS:PATH; the unified hierarchy has no controllers in the second field.
    private static string OwnPath(string ownGroups, string controller) => ownGroups
        .Split('\n')
        .Select(l => l.Split(':', 3))
        .FirstOrDefault(f => f.Length == 3 && f[1].Split(',').Contains(controller))?[2] ?? "/";

    // In a container the mount shows a part of the hierarchy: its root is where our path begins. A path that leads out of our cgroup namespace
    // begins with "/.."; then the highest group that we see has to do.
    private static string Join(string mountPoint, string root, string own)
    {
        var below = root != "/" && own.StartsWith(root, StringComparison.Ordinal) ? own[root.Length..] : own;
        return below.Split('/').Contains("..") ? mountPoint : (mountPoint + "/" + below.Trim('/')).TrimEnd('/');
    }

    internal static string Unescape(string field) => field.Replace(@"\040", " ", StringComparison.Ordinal).Replace(@"\134", @"\", StringComparison.Ordinal);
}
