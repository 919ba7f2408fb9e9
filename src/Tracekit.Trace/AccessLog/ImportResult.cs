using Tracekit.Trace.Parse;

namespace Tracekit.Trace.AccessLog;

/// <summary>What importing access logs came to.</summary>
public sealed record ImportResult
{
    /// <summary>The file of invocations that was written.</summary>
    public required string Path { get; init; }

    /// <summary>Requests in it.</summary>
    public required long Requests { get; init; }

    /// <summary>Those from lines of each format.</summary>
    public required IReadOnlyDictionary<string, long> Formats { get; init; }

    /// <summary>Requests whose times are whole seconds.</summary>
    public required long WholeSeconds { get; init; }

    /// <summary>Requests without a duration: their end is their start.</summary>
    public required long WithoutDuration { get; init; }

    /// <summary>What reading each log came to; with a torn tail also one whose packing ends or breaks in the middle.</summary>
    public required IReadOnlyList<FileCount> Files { get; init; }
}
