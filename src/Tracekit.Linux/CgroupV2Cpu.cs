using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>CPU quota and weight by the unified hierarchy: cpu.max and cpu.weight (Documentation/admin-guide/cgroup-v2.rst).</summary>
/// <remarks>
/// Our groups go below the group that this process is in. Its cpu controller must be handed down by <c>cgroup.subtree_control</c>, which the kernel refuses
/// with EBUSY for a group that has processes itself ("no internal processes"; the true root is exempt, a container's root is not). The cpu
/// controller is a threaded one, to which that rule does not apply within a threaded subtree: our groups then become threaded, and the group that we
/// are in their threaded domain. So nobody else's process is moved. Where no systemd manages the tree, the groups above are tried too.
/// </remarks>
public sealed class CgroupV2Cpu : ICpuController
{
    private readonly CgroupSubtree _tree;
    private readonly bool _isThreaded;
    private readonly string? _enabledIn;
    private int _made;

    private CgroupV2Cpu(CgroupSubtree tree, bool isThreaded, string? enabledIn, double? limitCores)
    {
        _tree = tree;
        _isThreaded = isThreaded;
        _enabledIn = enabledIn;
        LimitCores = limitCores;
    }

    /// <inheritdoc/>
    public string Description => $"cgroup v2 (cpu{(_isThreaded ? ", threaded" : "")}) at {_tree.Path}, affinity for exclusive tasks";

    /// <inheritdoc/>
    public bool CanLimit => true;

    /// <inheritdoc/>
    public double? LimitCores { get; }

    /// <summary>Opens it, and makes sure that it works by making a group, setting it and moving a process in.</summary>
    /// <param name="below">The group to make ours in; null for the one that this process is in, or where that cannot be, one above.</param>
    /// <exception cref="TracekitException">It is not there, or not ours to use: why.</exception>
    public static ICpuController Open(string? below)
    {
        var mount = CgroupMount.OfVersion2() ?? throw new TracekitException("no unified hierarchy is mounted");
        string[] parents = below is not null ? [below] : SystemdScopeCpu.IsSystemdRunning ? [mount.Path] : [.. mount.Upwards()];
        List<string> refused = [];
        foreach (var parent in parents)
        {
            try
            {
                return OpenIn(mount with { Path = parent });
            }
            catch (TracekitException e)
            {
                refused.Add(e.Message);
            }
        }

        throw new TracekitException(string.Join("; ", refused));
    }

    /// <inheritdoc/>
    public ICpuGroup Create(string? unitName = null)
    {
        var path = _tree.MakeGroup(Interlocked.Increment(ref _made));
        try
        {
            MakeThreaded(path, _isThreaded);
            return new CpuCgroup(path, isVersion2: true);
        }
        catch (TracekitException)
        {
            CgroupSubtree.Remove(path);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tree.Dispose();
        if (_isThreaded && _enabledIn is { } parent)
        {
            HandBack(parent);
        }
    }

    private static ICpuController OpenIn(CgroupMount mount)
    {
        var parent = mount.Path;
        if (!Words($"{parent}/cgroup.controllers").Contains("cpu"))
        {
            throw new TracekitException($"{parent} has no cpu controller");
        }

        var tree = CgroupSubtree.Make(parent);
        try
        {
            var isEnabled = Words($"{parent}/cgroup.subtree_control").Contains("cpu");
            var isThreaded = EnableCpu(parent, tree.Path, isEnabled);
            CgroupFile.WriteOnce($"{tree.Path}/cgroup.subtree_control", "+cpu");
            return CpuBackEnd.Probed(new CgroupV2Cpu(tree, isThreaded, isEnabled ? null : parent, CgroupLimit.Of(mount, isVersion2: true)));
        }
        catch (TracekitException)
        {
            tree.Dispose();
            throw;
        }
    }

    // Hands the cpu controller down to our groups; true when they had to become threaded for it.
    private static bool EnableCpu(string parent, string ours, bool isEnabled)
    {
        // The true root has no cgroup.type. Below a threaded group, or a threaded domain that has threaded groups, ours can only be threaded.
        var mustBeThreaded = Words($"{parent}/cgroup.type").Contains("threaded");
        if (!mustBeThreaded && (isEnabled || TryEnableCpu(parent)))
        {
            return false;
        }

        MakeThreaded(ours, isThreaded: true);
        if (!isEnabled)
        {
            CgroupFile.WriteOnce($"{parent}/cgroup.subtree_control", "+cpu");
        }

        return true;
    }

    private static bool TryEnableCpu(string parent)
    {
        try
        {
            CgroupFile.WriteOnce($"{parent}/cgroup.subtree_control", "+cpu");
            return true;
        }
        catch (TracekitException)
        {
            return false;
        }
    }

    private static void MakeThreaded(string group, bool isThreaded)
    {
        if (isThreaded)
        {
            CgroupFile.WriteOnce($"{group}/cgroup.type", "threaded");
        }
    }

    // A group that hands a threaded controller down while it has processes stays a threaded domain, in which no other controller can be enabled.
    private static void HandBack(string parent)
    {
        try
        {
            CgroupFile.WriteOnce($"{parent}/cgroup.subtree_control", "-cpu");
        }
        catch (TracekitException)
        {
            // Another tracekit has its groups there: it will.
        }
    }

    private static string[] Words(string file)
    {
        try
        {
            return File.ReadAllText(file).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
