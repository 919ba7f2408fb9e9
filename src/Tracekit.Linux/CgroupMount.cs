using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>Where the CPU controller is, and where in its hierarchy this process stands (cgroups(7)).</summary>
/// <param name="Path">Directory of this process's own control group.</param>
/// <param name="IsVersion2">True for the unified hierarchy.</param>
public readonly record struct CgroupMount(string Path, bool IsVersion2)
{
    /// <summary>Finds the CPU controller; null when none is mounted.</summary>
    public static CgroupMount? OfCpu() => Find(File.ReadAllText("/proc/self/mountinfo"), File.ReadAllText("/proc/self/cgroup"), File.Exists);

    /// <summary>The same from the texts of <c>/proc/self/mountinfo</c> and <c>/proc/self/cgroup</c>.</summary>
    internal static CgroupMount? Find(string mountInfo, string ownGroups, Func<string, bool> fileExists)
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

            var (root, mountPoint, type) = (fields[3], fields[4], fields[dash + 1]);
            if (type == "cgroup" && fields[dash + 3].Split(',').Contains("cpu"))
            {
                return new CgroupMount(Join(mountPoint, root, OwnPath(ownGroups, "cpu")), IsVersion2: false);
            }

            if (type == "cgroup2" && fileExists($"{mountPoint}/cgroup.controllers") && fileExists($"{mountPoint}/cgroup.subtree_control"))
            {
                var own = Join(mountPoint, root, OwnPath(ownGroups, ""));
                if (HasCpu(own))
                {
                    return new CgroupMount(own, IsVersion2: true);
                }
            }
        }

        return null;
    }

    private static bool HasCpu(string group)
    {
        try
        {
            return File.ReadAllText($"{group}/cgroup.controllers").Split((char[])[' ', '\n']).Contains("cpu");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // HIERARCHY:CONTROLLERS:PATH; the unified hierarchy has no controllers in the second field.
    private static string OwnPath(string ownGroups, string controller) => ownGroups
        .Split('\n')
        .Select(l => l.Split(':', 3))
        .FirstOrDefault(f => f.Length == 3 && f[1].Split(',').Contains(controller))?[2] ?? "/";

    // In a container the mount shows a part of the hierarchy: its root is where our path begins.
    private static string Join(string mountPoint, string root, string own)
    {
        var below = root != "/" && own.StartsWith(root, StringComparison.Ordinal) ? own[root.Length..] : own;
        return (mountPoint + "/" + below.Trim('/')).TrimEnd('/');
    }
}
