using System.Buffers;
using Tracekit.Parquet.Reading;

namespace Tracekit.Parquet;

/// <summary>Reads a column front to back, batch by batch, across pages and row groups. Holds a page at a time.</summary>
/// <typeparam name="T">
/// <see cref="int"/>, <see cref="long"/>, <see cref="float"/>, <see cref="double"/>, <see cref="bool"/>, <see cref="Int96"/> or
/// <see cref="ReadOnlyMemory{T}"/> of <see cref="byte"/>, as the column has it.
/// Byte arrays stay valid for good, and keep their page in memory.
/// </typeparam>
public sealed class ColumnReader<T> : IDisposable
    where T : struct
{
    private const int LevelBatch = 4096;

    private readonly ColumnScanner<T> _scanner;
    private readonly int _maxDefinition;
    private byte[] _levels = [];
    private long _rows;

    internal ColumnReader(ColumnScanner<T> scanner)
    {
        _scanner = scanner;
        _maxDefinition = scanner.Column.Shape!.MaxDefinition;
    }

    /// <summary>The column.</summary>
    public ParquetColumn Column => _scanner.Column;

    /// <summary>Reads the next rows of a column without nulls.</summary>
    /// <param name="values">Is filled, unless the column ends before.</param>
    /// <returns>How many rows were read; 0 at the end.</returns>
    /// <exception cref="ParquetFormatException">The file is damaged, or has a null.</exception>
    public int Read(Span<T> values) => Read(values, default, allowNulls: false);

    /// <summary>Reads the next rows.</summary>
    /// <param name="values">Is filled, unless the column ends before; a null leaves a default value.</param>
    /// <param name="isPresent">As long as <paramref name="values"/>: whether each row has a value.</param>
    /// <returns>How many rows were read; 0 at the end.</returns>
    /// <exception cref="ParquetFormatException">The file is damaged.</exception>
    public int Read(Span<T> values, Span<bool> isPresent)
    {
        if (isPresent.Length < values.Length)
        {
            throw new ArgumentException($"a mask of {isPresent.Length} for {values.Length} values", nameof(isPresent));
        }

        return Read(values, isPresent, allowNulls: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scanner.Dispose();
        if (_levels.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_levels);
            _levels = [];
        }
    }

    private int Read(Span<T> values, Span<bool> isPresent, bool allowNulls)
    {
        var done = 0;
        while (done < values.Length && _scanner.Advance())
        {
            var count = Math.Min(values.Length - done, _scanner.Remaining);
            if (_maxDefinition == 0)
            {
                _scanner.ReadValues(values.Slice(done, count));
                _scanner.Take(count);
                if (allowNulls)
                {
                    isPresent.Slice(done, count).Fill(true);
                }
            }
            else
            {
                count = Math.Min(count, LevelBatch);
                ReadOptional(values.Slice(done, count), allowNulls ? isPresent.Slice(done, count) : default);
            }

            done += count;
            _rows += count;
        }

        return done;
    }

    private void ReadOptional(Span<T> values, Span<bool> isPresent)
    {
        if (_levels.Length == 0)
        {
            _levels = ArrayPool<byte>.Shared.Rent(LevelBatch);
        }

        var levels = _levels.AsSpan(0, values.Length);
        _scanner.ReadLevels(default, levels);
        var present = levels.Count((byte)_maxDefinition);
        if (present < levels.Length && isPresent.IsEmpty)
        {
            var row = _rows + levels.IndexOfAnyExcept((byte)_maxDefinition);
            throw _scanner.Fault($"row {row} is null, where a value is needed");
        }

        _scanner.ReadValues(values[..present]);
        if (present < levels.Length)
        {
            Spread(values, levels, present);
        }

        for (var i = 0; i < isPresent.Length; i++)
        {
            isPresent[i] = levels[i] == _maxDefinition;
        }
    }

    /// <summary>Moves the values, which stand at the front, to their rows: from behind, so that none is lost.</summary>
    private void Spread(Span<T> values, ReadOnlySpan<byte> levels, int present)
    {
        for (var i = values.Length - 1; i >= 0; i--)
        {
            values[i] = levels[i] == _maxDefinition ? values[--present] : default;
        }
    }
}
