using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>One way to limit the CPU time of programs; <see cref="CpuBackEnd"/> chooses among them. Removed with all its groups by Dispose.</summary>
public interface ICpuController : IDisposable
{
    /// <summary>What it is and where, for one line of talk.</summary>
    string Description { get; }

    /// <summary>False when quota and weight have no effect here.</summary>
    bool CanLimit { get; }

    /// <summary>The CPU quota that this process itself is under, in cores, and with it all that it starts; null when there is none.</summary>
    double? LimitCores { get; }

    /// <summary>Makes an empty group.</summary>
    /// <param name="unitName">A name for it where groups are systemd units; others are numbered.</param>
    /// <exception cref="TracekitException">The kernel refuses.</exception>
    ICpuGroup Create(string? unitName = null);
}

/// <summary>Processes that share a CPU quota and a weight. Dispose removes the group; one that still holds a process stays until its controller goes.</summary>
public interface ICpuGroup : IControlGroup, IDisposable
{
    /// <summary>
    /// Sets quota and weight: one write(2) where only the quota changes. Any thread; after Dispose it does nothing, for then nobody is left to limit.
    /// </summary>
    /// <exception cref="TracekitException">The kernel refuses.</exception>
    void SetShare(CpuShare share);

    /// <summary>The processes in it, as this process numbers them.</summary>
    IReadOnlyList<int> Processes { get; }

    /// <summary>Kills what is in it, also what made itself a session or process group of its own, and waits until it is gone.</summary>
    void Kill();
}
