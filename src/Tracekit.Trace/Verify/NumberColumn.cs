using Tracekit.Parquet;

namespace Tracekit.Trace.Verify;

/// <summary>Reads a column of numbers whatever their type, in step with other columns. Nulls are counted.</summary>
internal abstract class NumberColumn : IDisposable
{
    /// <summary>The values of the batch read last.</summary>
    public double[] Values { get; } = new double[WorkloadBatch.Rows];

    /// <summary>The same where the column holds whole numbers; exact.</summary>
    public long[] Whole { get; } = new long[WorkloadBatch.Rows];

    /// <summary>Rows without a value so far.</summary>
    public long Nulls { get; private set; }

    /// <summary>Which rows of the batch have a value.</summary>
    public bool[] IsPresent { get; } = new bool[WorkloadBatch.Rows];

    /// <summary>True for columns that this can read.</summary>
    public static bool Reads(ParquetColumn column) =>
        !column.IsList && column.Type is PhysicalType.Int32 or PhysicalType.Int64 or PhysicalType.Float or PhysicalType.Double;

    /// <summary>Opens a column; null when it is missing or holds no numbers.</summary>
    public static NumberColumn? Open(ParquetReader reader, string name) => reader.Schema.TryFind(name, out var column) && Reads(column)
        ? column.Type switch
        {
            PhysicalType.Int32 => new Of<int>(reader.Column<int>(name), v => v, v => v),
            PhysicalType.Int64 => new Of<long>(reader.Column<long>(name), v => v, v => v),
            PhysicalType.Float => new Of<float>(reader.Column<float>(name), v => v, v => (long)v),
            _ => new Of<double>(reader.Column<double>(name), v => v, v => (long)v),
        }
        : null;

    /// <summary>Reads the next batch; returns its rows, 0 at the end.</summary>
    public int Read()
    {
        var rows = ReadBatch();
        Nulls += rows - IsPresent.AsSpan(0, rows).Count(true);
        return rows;
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Fills <see cref="Values"/>, <see cref="Whole"/> and <see cref="IsPresent"/>.</summary>
    protected abstract int ReadBatch();

    private sealed class Of<T>(ColumnReader<T> column, Func<T, double> toDouble, Func<T, long> toLong) : NumberColumn
        where T : struct
    {
        private readonly T[] _raw = new T[WorkloadBatch.Rows];

        public override void Dispose() => column.Dispose();

        protected override int ReadBatch()
        {
            var rows = column.Read(_raw, IsPresent);
            for (var i = 0; i < rows; i++)
            {
                Values[i] = toDouble(_raw[i]);
                Whole[i] = toLong(_raw[i]);
            }

            return rows;
        }
    }
}

/// <summary>How many rows are looked at together.</summary>
internal static class WorkloadBatch
{
    /// <summary>Rows of a batch.</summary>
    public const int Rows = 8192;
}
