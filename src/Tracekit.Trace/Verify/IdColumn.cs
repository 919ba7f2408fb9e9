using Tracekit.Parquet;

namespace Tracekit.Trace.Verify;

/// <summary>The id of a task: a number, in older files text.</summary>
/// <param name="Number">The number; 0 when it is text.</param>
/// <param name="Text">The text; null when it is a number.</param>
internal readonly record struct TaskKey(long Number, string? Text)
{
    /// <inheritdoc/>
    public override string ToString() => Text is null ? $"{Number}" : $"'{Printable.Line(Text)}'";
}

/// <summary>Reads the ids of a file.</summary>
internal sealed class IdColumn : IDisposable
{
    private readonly NumberColumn? _numbers;
    private readonly ColumnReader<ReadOnlyMemory<byte>>? _texts;
    private readonly string?[] _text = [];

    private IdColumn(NumberColumn numbers) => _numbers = numbers;

    private IdColumn(ColumnReader<ReadOnlyMemory<byte>> texts)
    {
        _texts = texts;
        _text = new string?[WorkloadBatch.Rows];
    }

    /// <summary>The ids of the batch read last; null for a row without one.</summary>
    public TaskKey?[] Keys { get; } = new TaskKey?[WorkloadBatch.Rows];

    /// <summary>Opens the column <c>id</c>; null when it is missing or holds nothing that could be one.</summary>
    public static IdColumn? Open(ParquetReader reader)
    {
        if (!reader.Schema.TryFind("id", out var column))
        {
            return null;
        }

        return column is { Type: PhysicalType.ByteArray, IsList: false }
            ? new IdColumn(reader.Column<ReadOnlyMemory<byte>>("id"))
            : column.Type is PhysicalType.Int32 or PhysicalType.Int64 && NumberColumn.Open(reader, "id") is { } numbers ? new IdColumn(numbers) : null;
    }

    /// <summary>Reads the next batch; returns its rows, 0 at the end.</summary>
    public int Read()
    {
        if (_numbers is not null)
        {
            var rows = _numbers.Read();
            for (var i = 0; i < rows; i++)
            {
                Keys[i] = _numbers.IsPresent[i] ? new TaskKey(_numbers.Whole[i], null) : null;
            }

            return rows;
        }

        var count = _texts!.ReadStrings(_text);
        for (var i = 0; i < count; i++)
        {
            Keys[i] = _text[i] is { } text ? new TaskKey(0, text) : null;
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _numbers?.Dispose();
        _texts?.Dispose();
    }
}
