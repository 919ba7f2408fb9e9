using Tracekit.Model;

namespace Tracekit.Containers;

/// <summary>What kind of failure a call to the engine ended with.</summary>
public enum EngineFault
{
    /// <summary>Nobody listens at the socket, or there is no such socket.</summary>
    NotThere,

    /// <summary>The socket may not be opened by this user.</summary>
    PermissionDenied,

    /// <summary>The engine does not know the container.</summary>
    NoSuchContainer,

    /// <summary>The engine does not know the image.</summary>
    NoSuchImage,

    /// <summary>The state forbids it: the name is taken, the container is not running, is paused, is being removed.</summary>
    Conflict,

    /// <summary>The engine went away before its answer was complete.</summary>
    Interrupted,

    /// <summary>No answer within the time allowed.</summary>
    TimedOut,

    /// <summary>The engine refuses for another reason; the message has it.</summary>
    Refused,
}

/// <summary>A call to the container engine failed. The message is one line: what, where, what to do.</summary>
public sealed class EngineException : TracekitException
{
    internal EngineException(EngineFault fault, string message, Exception? cause = null)
        : base(message, cause!) => Fault = fault;

    /// <summary>What kind of failure it was, for those who go on.</summary>
    public EngineFault Fault { get; }
}
