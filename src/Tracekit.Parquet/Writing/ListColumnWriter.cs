using Tracekit.Parquet.Writing;

namespace Tracekit.Parquet;

/// <summary>Appends to a column of lists of numbers or booleans. A list is kept in memory until its row group is written.</summary>
/// <typeparam name="T">
/// <see cref="int"/>, <see cref="long"/>, <see cref="float"/>, <see cref="double"/> or <see cref="bool"/>, as the column has it.
/// </typeparam>
public sealed class ListColumnWriter<T>
    where T : unmanaged
{
    private readonly ColumnBuffer _buffer;
    private readonly GrowingArray<T> _values;
    private readonly byte _elementLevel;
    private readonly byte _emptyLevel;

    internal ListColumnWriter(ColumnBuffer buffer, FixedValueStore<T> values)
    {
        _buffer = buffer;
        _values = values.Values;
        _elementLevel = (byte)buffer.Shape.MaxDefinition;
        _emptyLevel = (byte)(buffer.Shape.ListDefinition - 1);
    }

    /// <summary>Appends the list of one row, which may be empty.</summary>
    public void Append(ReadOnlySpan<T> elements)
    {
        if (elements.IsEmpty)
        {
            AppendLevels(_emptyLevel);
            return;
        }

        _values.AddRange(elements);
        AppendLevels(_elementLevel);
        _buffer.Definitions.AddRepeated(_elementLevel, elements.Length - 1);
        _buffer.Repetitions.AddRepeated(1, elements.Length - 1);
    }

    /// <summary>Appends the list of one row, some of whose elements may be null.</summary>
    /// <exception cref="InvalidOperationException">A null for an element that must have a value.</exception>
    public void Append(ReadOnlySpan<T?> elements)
    {
        if (!_buffer.Column.ElementIsOptional && elements.Contains(null))
        {
            throw new InvalidOperationException($"column {_buffer.Column.Name} has required elements: none can be null");
        }

        if (elements.IsEmpty)
        {
            AppendLevels(_emptyLevel);
            return;
        }

        for (var i = 0; i < elements.Length; i++)
        {
            _buffer.Repetitions.Add(i == 0 ? (byte)0 : (byte)1);
            _buffer.Definitions.Add(elements[i] is null ? (byte)(_elementLevel - 1) : _elementLevel);
            if (elements[i] is { } value)
            {
                _values.Add(value);
            }
        }

        _buffer.ListRows++;
    }

    /// <summary>Appends that one row has no list.</summary>
    /// <exception cref="InvalidOperationException">The column must have a list in every row.</exception>
    public void AppendNull()
    {
        if (!_buffer.Column.IsOptional)
        {
            throw new InvalidOperationException($"column {_buffer.Column.Name} is required: a row cannot be null");
        }

        AppendLevels(0);
    }

    private void AppendLevels(byte definition)
    {
        _buffer.Definitions.Add(definition);
        _buffer.Repetitions.Add(0);
        _buffer.ListRows++;
    }
}
