namespace Tracekit.Parquet.Encodings;

/// <summary>Reads the values of a page, a batch at a time.</summary>
internal interface IValueDecoder<T>
{
    /// <summary>Starts at bytes <paramref name="start"/> to <paramref name="end"/> of a buffer.</summary>
    void Reset(byte[] buffer, int start, int end);

    /// <summary>Fills <paramref name="into"/> with the values that come next.</summary>
    /// <exception cref="CorruptDataException">The data is damaged or ends.</exception>
    void Read(Span<T> into);
}
