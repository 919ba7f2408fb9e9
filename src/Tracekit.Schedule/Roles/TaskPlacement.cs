using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>How a worker binds tasks to CPUs (<c>--cpu-binding</c>).</summary>
public enum CpuBinding
{
    /// <summary>Each task gets cores of its own, as many as it has units.</summary>
    Exclusive,

    /// <summary>Tasks share all cores: <see cref="TaskShares"/>.</summary>
    Shared,
}

/// <summary>Where and under which limits a task runs; what its worker decided, and what its runner reports back.</summary>
/// <param name="node">The node.</param>
/// <param name="task">The task.</param>
/// <param name="binding">How its worker binds tasks.</param>
/// <param name="cpuset">The CPUs to bind it to; null for none in particular.</param>
/// <param name="share">Its CPU quota and weight at first.</param>
/// <param name="acceptedMs">When the worker gave it to the runner, in ms since the Unix epoch.</param>
public sealed class TaskPlacement(string node, TaskSpec task, CpuBinding binding, CpuSet? cpuset, CpuShare share, long acceptedMs)
{
    private readonly Lock _lock = new();
    private volatile bool _overcommitted;
    private CpuShare _share = share;
    private ICpuGroup? _follower;
    private RunningTask _running = new(task.Seq, Path.GetFileName(task.Input), task.Profile, node, task.CpuUnits, cpuset?.ToString(), acceptedMs, null);

    /// <summary>The node.</summary>
    public string Node { get; } = node;

    /// <summary>The task.</summary>
    public TaskSpec Task { get; } = task;

    /// <summary>The CPUs to bind it to; null for none in particular.</summary>
    public CpuSet? Cpuset { get; } = cpuset;

    /// <summary>How its worker binds tasks.</summary>
    public CpuBinding Binding { get; } = binding;

    /// <summary>Its CPU quota and weight now. With shared binding the quota changes whenever a task beside it starts or ends.</summary>
    public CpuShare Share
    {
        get
        {
            lock (_lock)
            {
                return _share;
            }
        }
    }

    /// <summary>Why a changed share did not reach the program, the first time; null when every one did.</summary>
    public string? ShareFault { get; private set; }

    /// <summary>
    /// True when another task is or was bound to one of its CPUs while it ran, or it got fewer CPUs than it has units. It may turn true during the
    /// run: read it at the end.
    /// </summary>
    public bool Overcommitted => _overcommitted;

    /// <summary>The task as a progress display shows it.</summary>
    public RunningTask Running => Volatile.Read(ref _running);

    /// <summary>Tells that the program began to run; the runner calls it once.</summary>
    public void Started(int pid, long startedMs) => Volatile.Write(ref _running, _running with { Pid = pid, StartedMs = startedMs });

    /// <summary>Gives a group the share, now and whenever it changes.</summary>
    /// <exception cref="TracekitException">The kernel refuses the first.</exception>
    public void Follow(ICpuGroup group)
    {
        lock (_lock)
        {
            group.SetShare(_share);
            _follower = group;
        }
    }

    /// <summary>Ends that.</summary>
    public void Unfollow()
    {
        lock (_lock)
        {
            _follower = null;
        }
    }

    // One task whose share cannot be changed must not keep the others from getting theirs.
    internal void SetShare(CpuShare changed)
    {
        lock (_lock)
        {
            _share = changed;
            try
            {
                _follower?.SetShare(changed);
            }
            catch (TracekitException e)
            {
                ShareFault ??= e.Message;
            }
        }
    }

    internal void MarkOvercommitted() => _overcommitted = true;
}

/// <summary>A running task in a progress display.</summary>
/// <param name="Seq">Number within its dispatch.</param>
/// <param name="Input">Base name of the input.</param>
/// <param name="Profile">Its profile.</param>
/// <param name="Node">The node it runs on.</param>
/// <param name="CpuUnits">Units it holds.</param>
/// <param name="Cpuset">CPUs that it is bound to; null for none in particular.</param>
/// <param name="StartedMs">When the program began to run, or until then when the worker accepted it; ms since the Unix epoch.</param>
/// <param name="Pid">Its process id; null until the program runs.</param>
public sealed record RunningTask(long? Seq, string Input, string? Profile, string Node, int CpuUnits, string? Cpuset, long StartedMs, int? Pid);
