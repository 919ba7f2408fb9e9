namespace Tracekit.Linux;

/// <summary>Where no CPU controller can be used: programs are bound to CPUs (sched_setaffinity(2)), quota and weight have no effect.</summary>
public sealed class AffinityOnlyCpu : ICpuController
{
    /// <inheritdoc/>
    public string Description => "affinity only, without quota and weight";

    /// <inheritdoc/>
    public bool CanLimit => false;

    /// <inheritdoc/>
    public double? LimitCores => null;

    /// <inheritdoc/>
    public ICpuGroup Create(string? unitName = null) => new NoGroup();

    /// <inheritdoc/>
    public void Dispose()
    {
        // There is nothing to remove.
    }

    private sealed class NoGroup : ICpuGroup
    {
        public IReadOnlyList<int> Processes => [];

        public void Add(int pid)
        {
            // A process stays where it is.
        }

        public void SetShare(CpuShare share)
        {
            // Nothing can be set.
        }

        public void Kill()
        {
            // It has nobody.
        }

        public void Dispose()
        {
            // There is nothing to remove.
        }
    }
}
