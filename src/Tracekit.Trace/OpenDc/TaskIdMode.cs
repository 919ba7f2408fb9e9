using System.Text.Json.Serialization;

namespace Tracekit.Trace.OpenDc;

/// <summary>Where the ids of the exported tasks come from.</summary>
public enum TaskIdMode
{
    /// <summary><see cref="Pid"/> when no pid stands twice in the run, else <see cref="Sequential"/>.</summary>
    [JsonStringEnumMemberName("auto")]
    Auto,

    /// <summary>The process id.</summary>
    [JsonStringEnumMemberName("pid")]
    Pid,

    /// <summary>1, 2, 3 … in order of submission.</summary>
    [JsonStringEnumMemberName("sequential")]
    Sequential,
}
