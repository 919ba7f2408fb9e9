namespace Tracekit.Trace.Verify;

/// <summary>Collects faults by code: counts all, keeps the first few.</summary>
internal sealed class FaultList
{
    /// <summary>The most examples kept of each kind.</summary>
    public const int MaxExamples = 5;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>All faults, errors first, in the order they were found.</summary>
    public IReadOnlyList<VerifyFault> All() =>
        [.. _entries.Select(e => new VerifyFault(e.Value.Severity, e.Key, e.Value.Count, e.Value.Message, e.Value.Examples)).OrderByDescending(f => f.Severity)];

    /// <summary>Adds an error; <paramref name="example"/> is only asked for while examples are kept.</summary>
    public void Error(string code, string message, Func<string> example) => Add(VerifySeverity.Error, code, message, example);

    /// <summary>Adds a notice.</summary>
    public void Notice(string code, string message, Func<string> example) => Add(VerifySeverity.Notice, code, message, example);

    private void Add(VerifySeverity severity, string code, string message, Func<string> example)
    {
        if (!_entries.TryGetValue(code, out var entry))
        {
            _entries.Add(code, entry = new Entry(severity, message));
        }

        entry.Count++;
        if (entry.Examples.Count < MaxExamples)
        {
            entry.Examples.Add(example());
        }
    }

    private sealed class Entry(VerifySeverity severity, string message)
    {
        public readonly VerifySeverity Severity = severity;
        public readonly string Message = message;
        public readonly List<string> Examples = [];
        public long Count;
    }
}
