using Tracekit.Parquet.Writing;

namespace Tracekit.Parquet;

/// <summary>Appends to a column of numbers or booleans. A value is kept in memory until its row group is written.</summary>
/// <typeparam name="T">
/// <see cref="int"/>, <see cref="long"/>, <see cref="float"/>, <see cref="double"/> or <see cref="bool"/>, as the column has it.
/// </typeparam>
public sealed class ColumnWriter<T>
    where T : unmanaged
{
    private readonly GrowingArray<T> _values;
    private readonly GrowingArray<byte>? _definitions;
    private readonly string _name;

    internal ColumnWriter(ColumnBuffer buffer, FixedValueStore<T> values)
    {
        _name = buffer.Column.Name;
        _values = values.Values;
        _definitions = buffer.HasDefinitions ? buffer.Definitions : null;
    }

    /// <summary>Appends the value of one row.</summary>
    public void Append(T value)
    {
        _values.Add(value);
        _definitions?.Add(1);
    }

    /// <summary>Appends the value of one row, or that it has none.</summary>
    /// <exception cref="InvalidOperationException">A null for a column that must have a value.</exception>
    public void Append(T? value)
    {
        if (value is { } present)
        {
            Append(present);
        }
        else
        {
            AppendNull();
        }
    }

    /// <summary>Appends the values of as many rows.</summary>
    public void Append(ReadOnlySpan<T> values)
    {
        _values.AddRange(values);
        _definitions?.AddRepeated(1, values.Length);
    }

    /// <summary>Appends that one row has no value.</summary>
    /// <exception cref="InvalidOperationException">The column must have a value in every row.</exception>
    public void AppendNull()
    {
        if (_definitions is null)
        {
            throw new InvalidOperationException($"column {_name} is required: a row cannot be null");
        }

        _definitions.Add(0);
    }
}
