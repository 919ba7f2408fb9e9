using Tracekit.Launch;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>The control group of one task, from before its program's first instruction until after its end. What the program left running ends with it.</summary>
public sealed class TaskLimits : IDisposable
{
    private readonly TaskPlacement _placement;
    private readonly ICpuGroup? _group;

    private TaskLimits(TaskPlacement placement, ICpuGroup? group, string? fault)
    {
        _placement = placement;
        _group = group;
        Fault = fault;
    }

    /// <summary>Why the limits could not be applied; null when they could, or none was asked for.</summary>
    public string? Fault { get; }

    /// <summary>Makes the group of a task and gives it the task's share, which it follows from then on.</summary>
    public static TaskLimits Make(ICpuController controller, TaskPlacement placement)
    {
        if (placement.Share == default)
        {
            return new TaskLimits(placement, null, null);
        }

        if (!controller.CanLimit)
        {
            return new TaskLimits(placement, null, controller.Description);
        }

        ICpuGroup? group = null;
        try
        {
            group = controller.Create(placement.Task.UnitName);
            placement.Follow(group);
            return new TaskLimits(placement, group, null);
        }
        catch (TracekitException e)
        {
            group?.Dispose();
            return new TaskLimits(placement, null, e.Message);
        }
    }

    /// <summary>The request with the task's binding in it.</summary>
    public LaunchRequest Apply(LaunchRequest request) => request with
    {
        CpuSet = _placement.Cpuset,
        Cgroups = _group is null ? [] : [_group],
        CpuShare = _group is null ? null : _placement.Share,
        CpuBinding = _placement.Binding == CpuBinding.Exclusive ? "exclusive" : "shared",
        IsCpuOvercommitted = _placement.Cpuset is null ? null : () => _placement.Overcommitted,
    };

    /// <summary>Ends what is left in the group, and removes it.</summary>
    public void Dispose()
    {
        _placement.Unfollow();
        _group?.Kill();
        _group?.Dispose();
    }
}
