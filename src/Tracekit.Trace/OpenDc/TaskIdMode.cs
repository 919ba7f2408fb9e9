namespace Tracekit.Trace.OpenDc;

/// <summary>Where the ids of the exported tasks come from.</summary>
public enum TaskIdMode
{
    /// <summary><see cref="Pid"/> when no pid stands twice in the run, else <see cref="Sequential"/>.</summary>
    Auto,

    /// <summary>The process id.</summary>
    Pid,

    /// <summary>1, 2, 3 … in order of submission.</summary>
    Sequential,
}
