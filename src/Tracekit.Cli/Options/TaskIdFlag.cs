using System.CommandLine;
using Tracekit.Trace.OpenDc;

namespace Tracekit.Cli.Options;

/// <summary><c>--task-id-mode</c>.</summary>
internal static class TaskIdFlag
{
    /// <summary>The flag.</summary>
    public static Option<string> Make() => Flag.Choice("--task-id-mode", "auto", ["auto", "pid", "sequential"], "task ids");

    /// <summary>Its value.</summary>
    public static TaskIdMode Parse(string mode) => mode switch
    {
        "pid" => TaskIdMode.Pid,
        "sequential" => TaskIdMode.Sequential,
        _ => TaskIdMode.Auto,
    };
}
