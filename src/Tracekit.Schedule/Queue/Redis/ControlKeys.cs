namespace Tracekit.Schedule;

/// <summary>Names of keys that are used outside the scripts. Those of the contract are as they are; ours begin with <c>tracekit:</c>.</summary>
internal static class ControlKeys
{
    /// <summary>The pending line.</summary>
    public const string Pending = "q:pending";

    /// <summary>Whoever waits for a change looks again when something is published here.</summary>
    public const string WakeChannel = "tracekit:wake";

    /// <summary>Tasks dispatched to a node.</summary>
    public static string QueueOf(string node) => $"q:{node}";

    /// <summary>Tasks that a node moved out of its queue and has not accepted yet.</summary>
    public static string InboxOf(string node) => $"tracekit:inbox:{node}";
}
