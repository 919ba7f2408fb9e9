using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>CPU quota and weight by a cgroup version 1 hierarchy with the cpu controller: cpu.cfs_quota_us, cpu.cfs_period_us, cpu.shares.</summary>
public sealed class CgroupV1Cpu : ICpuController
{
    private readonly CgroupSubtree _tree;
    private int _made;

    private CgroupV1Cpu(CgroupSubtree tree, double? limitCores)
    {
        _tree = tree;
        LimitCores = limitCores;
    }

    /// <inheritdoc/>
    public string Description => $"cgroup v1 (cpu) at {_tree.Path}, affinity for exclusive tasks";

    /// <inheritdoc/>
    public bool CanLimit => true;

    /// <inheritdoc/>
    public double? LimitCores { get; }

    /// <summary>Opens it, and makes sure that it works by making a group, setting it and moving a process in.</summary>
    /// <param name="below">The group to make ours in; null for the one that this process is in.</param>
    /// <exception cref="TracekitException">It is not there, or not ours to use: why.</exception>
    public static ICpuController Open(string? below)
    {
        var mount = CgroupMount.OfCpuVersion1() ?? throw new TracekitException("no hierarchy with the cpu controller is mounted");
        var under = mount with { Path = below ?? mount.Path };
        var controller = new CgroupV1Cpu(CgroupSubtree.Make(under.Path), CgroupLimit.Of(under, isVersion2: false));
        return CpuBackEnd.Probed(controller);
    }

    /// <inheritdoc/>
    public ICpuGroup Create(string? unitName = null) => new CpuCgroup(_tree.MakeGroup(Interlocked.Increment(ref _made)), isVersion2: false);

    /// <inheritdoc/>
    public void Dispose() => _tree.Dispose();
}
