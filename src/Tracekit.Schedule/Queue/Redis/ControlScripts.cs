using System.Text;
using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>The atomic steps of the control plane, as Lua that runs in Redis; each stands in a file of its own below Scripts/.</summary>
internal static class ControlScripts
{
    private static readonly string Prelude = Text("prelude");

    public static RedisScript Push { get; } = Load("push");

    public static RedisScript PushTo { get; } = Load("push_to");

    public static RedisScript Dispatch { get; } = Load("dispatch");

    public static RedisScript BuryHead { get; } = Load("bury_head");

    public static RedisScript Lead { get; } = Load("lead");

    public static RedisScript Resign { get; } = Load("resign");

    public static RedisScript Register { get; } = Load("register");

    public static RedisScript Heartbeat { get; } = Load("heartbeat");

    public static RedisScript Accept { get; } = Load("accept");

    public static RedisScript Complete { get; } = Load("complete");

    public static RedisScript Leave { get; } = Load("leave");

    public static RedisScript Revive { get; } = Load("revive");

    public static RedisScript Snapshot { get; } = Load("snapshot");

    private static RedisScript Load(string name) => new(name, Prelude + Text(name));

    private static string Text(string name)
    {
        using var stream = typeof(ControlScripts).Assembly.GetManifestResourceStream($"{name}.lua")
            ?? throw new InvalidOperationException($"{name}.lua is not in the assembly");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
