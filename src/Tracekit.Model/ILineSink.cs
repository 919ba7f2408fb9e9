namespace Tracekit.Model;

/// <summary>Where whole lines go: a file opened for appending, or a list in a test.</summary>
public interface ILineSink
{
    /// <summary>Appends one or several whole lines, each with its line feed, in one piece.</summary>
    /// <exception cref="TracekitException">They could not be written: which file, and why.</exception>
    void Append(ReadOnlySpan<byte> lines);
}
