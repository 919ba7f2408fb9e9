namespace Tracekit.Parquet;

/// <summary>
/// Bytes that cannot be decoded, seen from within a footer or page that does not know its file. Never leaves this assembly:
/// whoever knows the file makes it a <see cref="ParquetFormatException"/>.
/// </summary>
#pragma warning disable CA1032, CA1064 // It is thrown here and caught here; the usual constructors would only let it lose its place.
internal sealed class CorruptDataException(int position, string what, bool isEnd = false) : Exception(what)
#pragma warning restore CA1032, CA1064
{
    /// <summary>Bytes from the start of the footer, page header or page.</summary>
    public int Position { get; } = position;

    /// <summary>Whether more bytes might mend it.</summary>
    public bool IsEnd { get; } = isEnd;

    public static CorruptDataException EndsEarly(int position, string where) => new(position, $"the data ends within {where}", isEnd: true);
}
