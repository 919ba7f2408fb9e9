using System.Buffers;

namespace Tracekit.Parquet.Writing;

/// <summary>The values of one column in the row group that is being filled, without nulls.</summary>
internal interface IValueStore
{
    int Count { get; }

    /// <summary>Bytes of all values, PLAIN encoded.</summary>
    long PlainBytes { get; }

    /// <summary>How many values from <paramref name="start"/> on fit into a page of so many bytes, PLAIN encoded.</summary>
    int CountThatFit(int start, int pageBytes);

    void WritePlain(int start, int count, IBufferWriter<byte> into);

    /// <summary>The distinct values, if they take at most so many bytes and make the column shorter.</summary>
    ValueDictionary? TryBuildDictionary(int maxBytes);

    /// <summary>Writes the values of the dictionary that was built last, PLAIN encoded.</summary>
    void WriteDictionary(IBufferWriter<byte> into);

    /// <summary>The statistics, without the count of nulls.</summary>
    ColumnStatistics Range();

    void Clear();
}
