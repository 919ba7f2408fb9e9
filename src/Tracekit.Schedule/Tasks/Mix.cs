using System.Globalization;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>A profile and its weight in a mix.</summary>
/// <param name="Profile">Name of the profile.</param>
/// <param name="WeightMicros">Its weight in millionths, so that shares are exact integers on every machine.</param>
public readonly record struct MixEntry(string Profile, long WeightMicros);

/// <summary>What part of the tasks has which profile: <c>fast1080p=2,medium480p=3</c>.</summary>
public sealed class Mix
{
    /// <summary>The most entries.</summary>
    public const int MaxEntries = 64;

    /// <summary>The largest weight.</summary>
    public const int MaxWeight = 1_000_000;

    private const long MicrosPerOne = 1_000_000;

    private readonly MixEntry[] _entries;

    private Mix(MixEntry[] entries) => _entries = entries;

    /// <summary>The entries, in the order given.</summary>
    public IReadOnlyList<MixEntry> Entries => _entries;

    /// <summary>Reads <c>name=weight,…</c>. A weight is a number above 0 with at most six decimals.</summary>
    /// <exception cref="UsageException">Something in it cannot be: what, and what can.</exception>
    public static Mix Parse(string text, ProfileSet profiles)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new UsageException("--mix is empty: give it as name=weight,…, for example fast1080p=2,medium480p=3");
        }

        MixEntry[] entries = [.. text.Split(',').Select(entry => ParseEntry(entry.Trim(), profiles))];
        if (entries.Length > MaxEntries)
        {
            throw new UsageException($"--mix has {entries.Length} entries; {MaxEntries} is the limit");
        }

        var twice = entries.GroupBy(e => e.Profile).FirstOrDefault(g => g.Count() > 1);
        return twice is null ? new Mix(entries) : throw new UsageException($"--mix names profile '{twice.Key}' twice: give each once, with one weight");
    }

    /// <summary>
    /// Splits <paramref name="total"/> tasks by the weights, by largest remainder (Hamilton's method): each entry gets its share rounded down, and
    /// what is left goes one by one to the largest remainders; of equal ones the entry given first wins.
    /// </summary>
    /// <returns>A count for every entry, in the same order; they add up to <paramref name="total"/>.</returns>
    public IReadOnlyList<int> Split(int total)
    {
        // A million tasks times a weight of 10^12 millionths still fits 64 bits.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(total, TaskPlan.MaxTasks);
        var weights = _entries.Sum(e => e.WeightMicros);
        var counts = new int[_entries.Length];
        var remainders = new long[_entries.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            (var share, remainders[i]) = Math.DivRem(total * _entries[i].WeightMicros, weights);
            counts[i] = (int)share;
        }

        var left = total - counts.Sum();
        foreach (var i in Enumerable.Range(0, counts.Length).OrderByDescending(i => remainders[i]).Take(left))
        {
            counts[i]++;
        }

        return counts;
    }

    /// <summary>The profile of each of <paramref name="total"/> tasks: split by weight, then shuffled by <paramref name="seed"/> (<see cref="SplitMix64"/>).</summary>
    public IReadOnlyList<string> Sequence(int total, ulong seed)
    {
        string[] names = [.. Split(total).SelectMany((count, i) => Enumerable.Repeat(_entries[i].Profile, count))];
        new SplitMix64(seed).Shuffle<string>(names);
        return names;
    }

    private static MixEntry ParseEntry(string entry, ProfileSet profiles)
    {
        var equals = entry.IndexOf('=', StringComparison.Ordinal);
        var name = (equals < 0 ? entry : entry[..equals]).Trim();
        if (!profiles.TryGet(name, out _))
        {
            throw new UsageException($"--mix: no profile '{Printable.Line(name)}'; there are {string.Join(", ", profiles.Names)}");
        }

        var weight = equals < 0 ? "" : entry[(equals + 1)..].Trim();
        return decimal.TryParse(weight, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value is > 0 and <= MaxWeight && decimal.IsInteger(value * MicrosPerOne)
            ? new MixEntry(name, (long)(value * MicrosPerOne))
            : throw new UsageException($"--mix: weight '{Printable.Line(weight)}' of {name} must be a number above 0, at most {MaxWeight}, as in {name}=2");
    }
}
