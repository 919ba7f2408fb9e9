namespace Tracekit.Linux;

/// <summary>Where a control group's directory stands in its hierarchy (cgroups(7)).</summary>
/// <param name="Directory">Its directory.</param>
/// <param name="Controller">A controller or name (<c>name=systemd</c>) of its version 1 hierarchy; empty for version 2.</param>
/// <param name="Group">Its path in the hierarchy, as <c>/proc/&lt;pid&gt;/cgroup</c> gives it.</param>
/// <param name="Siblings">Of version 1, the directories of the group of that name under the other controllers, by controller.</param>
public sealed record CgroupLocation(string Directory, string Controller, string Group, IReadOnlyDictionary<string, string> Siblings)
{
    /// <summary>Finds it in the text of <c>/proc/self/mountinfo</c> (proc_pid_mountinfo(5)); null when no cgroup file system is mounted there.</summary>
    /// <param name="mountInfo">The mounts.</param>
    /// <param name="directory">An absolute path.</param>
    public static CgroupLocation? Find(string mountInfo, string directory)
    {
        var path = directory.Length > 1 ? directory.TrimEnd('/') : directory;
        var mounts = Mounts(mountInfo);
        var best = mounts.Where(m => Below(m.Point, path) is not null).OrderByDescending(m => m.Point.Length).FirstOrDefault();
        if (best.Point is null)
        {
            return null;
        }

        var below = Below(best.Point, path)!;
        var group = best.Root == "/" ? below : best.Root + (below == "/" ? "" : below);
        if (best.Controllers.Length == 0)
        {
            return new CgroupLocation(path, "", group, new Dictionary<string, string>());
        }

        var siblings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var mount in mounts)
        {
            foreach (var controller in mount.Controllers)
            {
                siblings.TryAdd(controller, below == "/" ? mount.Point : mount.Point + below);
            }
        }

        return new CgroupLocation(path, best.Controllers[0], group, siblings);
    }

    private static List<(string Point, string Root, string[] Controllers)> Mounts(string mountInfo)
    {
        List<(string, string, string[])> mounts = [];
        foreach (var line in mountInfo.Split('\n'))
        {
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (dash >= 5 && fields.Length >= dash + 4 && fields[dash + 1] is "cgroup" or "cgroup2")
            {
                var controllers = fields[dash + 1] == "cgroup2" ? [] : fields[dash + 3].Split(',').Where(IsController).ToArray();
                mounts.Add((CgroupMount.Unescape(fields[4]), CgroupMount.Unescape(fields[3]), controllers));
            }
        }

        return mounts;
    }

    // The super options also say how the file system is mounted.
    private static bool IsController(string option) =>
        option is not ("rw" or "ro" or "xattr" or "clone_children" or "noprefix" or "all" or "none") && !option.StartsWith("release_agent=", StringComparison.Ordinal);

    private static string? Below(string mountPoint, string path) =>
        path == mountPoint ? "/"
        : path.StartsWith(mountPoint == "/" ? "/" : mountPoint + "/", StringComparison.Ordinal) ? path[mountPoint.TrimEnd('/').Length..]
        : null;
}
