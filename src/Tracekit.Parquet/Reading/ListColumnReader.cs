using Tracekit.Parquet.Reading;

namespace Tracekit.Parquet;

/// <summary>Reads a column of lists front to back, batch by batch, across pages and row groups.</summary>
/// <typeparam name="T">The type of the elements; see <see cref="ColumnReader{T}"/>.</typeparam>
public sealed class ListColumnReader<T> : IDisposable
    where T : struct
{
    private const int LevelBatch = 1024;

    private readonly ColumnScanner<T> _scanner;
    private readonly LeafShape _shape;
    private readonly int _maxElements;
    private readonly byte[] _repetitions = new byte[LevelBatch];
    private readonly byte[] _definitions = new byte[LevelBatch];
    private readonly T[] _values = new T[LevelBatch];
    private int _level;
    private int _levelCount;
    private int _value;
    private int _chunk;
    private long _rowsInChunk;
    private bool _isEnd;

    internal ListColumnReader(ColumnScanner<T> scanner, int maxElements)
    {
        _scanner = scanner;
        _shape = scanner.Column.Shape!;
        _maxElements = maxElements;
    }

    /// <summary>The column.</summary>
    public ParquetColumn Column => _scanner.Column;

    /// <summary>Reads the next rows.</summary>
    /// <param name="batch">Is emptied, and filled.</param>
    /// <param name="maxRows">How many rows, unless the column ends before.</param>
    /// <returns>How many rows were read; 0 at the end.</returns>
    /// <exception cref="ParquetFormatException">The file is damaged, or the lists are longer than the limit.</exception>
    public int Read(ListBatch<T> batch, int maxRows)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(maxRows);
        batch.Clear();
        while (HasLevel())
        {
            if (_repetitions[_level] == 0)
            {
                if (batch.RowCount == maxRows)
                {
                    break;
                }

                _rowsInChunk++;
            }
            else if (_rowsInChunk == 0 || batch.RowCount == 0)
            {
                throw _scanner.Fault("a row group starts within a list");
            }

            AddLevel(batch);
        }

        return batch.RowCount;
    }

    /// <inheritdoc/>
    public void Dispose() => _scanner.Dispose();

    private void AddLevel(ListBatch<T> batch)
    {
        var definition = _definitions[_level];
        var startsRow = _repetitions[_level] == 0;
        _level++;
        if (startsRow)
        {
            batch.AddRow(isPresent: definition >= _shape.ListDefinition - 1);
        }

        if (definition < _shape.ListDefinition)
        {
            if (!startsRow)
            {
                throw _scanner.Fault("a list goes on with no list");
            }

            return;
        }

        if (batch.ElementCount == _maxElements)
        {
            throw _scanner.Fault($"the lists of a batch have more than {_maxElements} elements");
        }

        var isPresent = definition == _shape.MaxDefinition;
        batch.AddElement(isPresent ? _values[_value++] : default, isPresent);
    }

    /// <summary>Makes sure that a level is at hand; false at the end of the column.</summary>
    private bool HasLevel()
    {
        if (_level < _levelCount)
        {
            return true;
        }

        if (_isEnd)
        {
            return false;
        }

        var rowsDue = _scanner.ChunkRows;
        _isEnd = !_scanner.Advance();
        if (_isEnd || _scanner.ChunkOrdinal != _chunk)
        {
            if (_rowsInChunk != rowsDue)
            {
                throw _scanner.Fault($"{_rowsInChunk} lists in a row group of {rowsDue} rows");
            }

            _chunk = _scanner.ChunkOrdinal;
            _rowsInChunk = 0;
        }

        return !_isEnd && ReadLevels();
    }

    private bool ReadLevels()
    {
        _levelCount = Math.Min(LevelBatch, _scanner.Remaining);
        var definitions = _definitions.AsSpan(0, _levelCount);
        _scanner.ReadLevels(_repetitions.AsSpan(0, _levelCount), definitions);
        _scanner.ReadValues(_values.AsSpan(0, definitions.Count((byte)_shape.MaxDefinition)));
        (_level, _value) = (0, 0);
        return true;
    }
}
