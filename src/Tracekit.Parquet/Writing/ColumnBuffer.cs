namespace Tracekit.Parquet.Writing;

/// <summary>One column of the row group that is being filled: values, and the levels that tell where nulls and lists are.</summary>
internal sealed class ColumnBuffer(ParquetColumn column, LeafShape shape, IValueStore values)
{
    public ParquetColumn Column { get; } = column;

    public LeafShape Shape { get; } = shape;

    public IValueStore Values { get; } = values;

    /// <summary>A level for each value, null and empty list; unused if the column has neither nulls nor lists.</summary>
    public GrowingArray<byte> Definitions { get; } = new();

    /// <summary>Zero where a row starts; unused if the column has no lists.</summary>
    public GrowingArray<byte> Repetitions { get; } = new();

    /// <summary>Rows of lists appended; other columns have a row for each level or value.</summary>
    public int ListRows { get; set; }

    public bool HasDefinitions => Shape.MaxDefinition > 0;

    public bool HasRepetitions => Shape.MaxRepetition > 0;

    public int Levels => HasDefinitions ? Definitions.Count : Values.Count;

    public int Rows => HasRepetitions ? ListRows : Levels;

    /// <summary>Bytes that the rows so far take in memory.</summary>
    public long Bytes => Values.PlainBytes + Definitions.Count + Repetitions.Count;

    public void Clear()
    {
        Values.Clear();
        Definitions.Clear();
        Repetitions.Clear();
        ListRows = 0;
    }
}
