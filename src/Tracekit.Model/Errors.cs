namespace Tracekit.Model;

/// <summary>Something failed in a way that the user can act on. The message is one line: what, where, what to do. Exit code 1.</summary>
public class TracekitException : Exception
{
    /// <summary>A failure told in one line.</summary>
    public TracekitException(string message)
        : base(message)
    {
    }

    /// <summary>A failure told in one line, with what caused it.</summary>
    public TracekitException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The user asked for something that cannot be: a bad flag, name, number or recipe. Exit code 2; nothing was started.</summary>
public sealed class UsageException(string message) : TracekitException(message);

/// <summary>A file does not hold what its format promises. The message starts with <c>path:line:</c> or <c>path:</c>.</summary>
public sealed class TraceFormatException(string message) : TracekitException(message);
