using System.Buffers;
using System.Text;
using Tracekit.Parquet.Writing;

namespace Tracekit.Parquet;

/// <summary>Appends to a column of text or byte arrays. A value is kept in memory until its row group is written.</summary>
public sealed class BytesColumnWriter
{
    private readonly BytesValueStore _values;
    private readonly GrowingArray<byte>? _definitions;
    private readonly string _name;

    internal BytesColumnWriter(ColumnBuffer buffer, BytesValueStore values)
    {
        _name = buffer.Column.Name;
        _values = values;
        _definitions = buffer.HasDefinitions ? buffer.Definitions : null;
    }

    /// <summary>Appends the value of one row.</summary>
    public void Append(ReadOnlySpan<byte> value)
    {
        _values.Add(value);
        _definitions?.Add(1);
    }

    /// <summary>Appends the value of one row as UTF-8, or that it has none. A lone surrogate becomes U+FFFD.</summary>
    /// <exception cref="InvalidOperationException">A null for a column that must have a value.</exception>
    public void Append(string? value)
    {
        if (value is null)
        {
            AppendNull();
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(value.Length));
        Append(rented.AsSpan(0, Encoding.UTF8.GetBytes(value, rented)));
        ArrayPool<byte>.Shared.Return(rented);
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
