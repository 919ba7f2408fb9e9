using System.Text;

namespace Tracekit.Parquet;

/// <summary>Columns read whole into arrays, for files whose rows all fit into memory.</summary>
public static class WholeColumns
{
    private const int BatchRows = 8192;

    /// <summary>All values of a column without nulls.</summary>
    /// <typeparam name="T">See <see cref="ColumnReader{T}"/>.</typeparam>
    /// <exception cref="ParquetFormatException">No such column, another type, a null, damage, or more rows than the limit.</exception>
    public static T[] ReadColumn<T>(this ParquetReader reader, string name)
        where T : struct
    {
        var rows = Rows(reader, name);
        using var column = reader.Column<T>(name);

        // Rows are not believed before they are there, but for as many as the file's size makes likely.
        var values = new T[Math.Min(rows, Math.Max(BatchRows, reader.FileBytes * 2))];
        var count = 0;
        while (true)
        {
            count += column.Read(values.AsSpan(count));
            if (count < values.Length || count == rows)
            {
                return count == values.Length ? values : values.AsSpan(0, count).ToArray();
            }

            Array.Resize(ref values, (int)Math.Min(rows, values.Length * 2L));
        }
    }

    /// <summary>All values of a column, with its nulls.</summary>
    /// <inheritdoc cref="ReadColumn{T}"/>
    public static T?[] ReadNullableColumn<T>(this ParquetReader reader, string name)
        where T : struct
    {
        Rows(reader, name);
        using var column = reader.Column<T>(name);
        var all = new List<T?>();
        var (values, isPresent) = (new T[BatchRows], new bool[BatchRows]);
        int count;
        while ((count = column.Read(values, isPresent)) > 0)
        {
            for (var i = 0; i < count; i++)
            {
                all.Add(isPresent[i] ? values[i] : null);
            }
        }

        return [.. all];
    }

    /// <summary>All values of a column of text, with its nulls. Rows with the value of the row before share its string.</summary>
    /// <exception cref="ParquetFormatException">No such column, another type, damage, or more rows than the limit.</exception>
    public static string?[] ReadStrings(this ParquetReader reader, string name)
    {
        Rows(reader, name);
        using var column = reader.Column<ReadOnlyMemory<byte>>(name);
        var all = new List<string?>();
        var text = new string?[BatchRows];
        int count;
        while ((count = column.ReadStrings(text)) > 0)
        {
            all.AddRange(text.AsSpan(0, count));
        }

        return [.. all];
    }

    /// <summary>All lists of a column; null where a row has none.</summary>
    /// <exception cref="ParquetFormatException">No such column, another type, a null element, damage, or too many rows.</exception>
    public static T[]?[] ReadLists<T>(this ParquetReader reader, string name)
        where T : struct
    {
        Rows(reader, name);
        using var column = reader.ListColumn<T>(name);
        var all = new List<T[]?>();
        var batch = new ListBatch<T>();
        while (column.Read(batch, BatchRows) > 0)
        {
            for (var i = 0; i < batch.RowCount; i++)
            {
                if (batch.ElementIsPresent(i).Contains(false))
                {
                    throw reader.FooterFault($"column {name}: the list of row {all.Count} has a null element, where values are needed");
                }

                all.Add(batch.IsNull(i) ? null : batch[i].ToArray());
            }
        }

        return [.. all];
    }

    /// <summary>Reads the next rows of a column of text. Rows with the value of the row before share its string.</summary>
    /// <param name="column">The column.</param>
    /// <param name="text">Is filled, unless the column ends before; null where a row has no value.</param>
    /// <returns>How many rows were read; 0 at the end.</returns>
    /// <exception cref="ParquetFormatException">The file is damaged.</exception>
    public static int ReadStrings(this ColumnReader<ReadOnlyMemory<byte>> column, Span<string?> text)
    {
        ArgumentNullException.ThrowIfNull(column);
        var bytes = new ReadOnlyMemory<byte>[Math.Min(text.Length, 1024)];
        var isPresent = new bool[bytes.Length];
        var (last, lastBytes) = ("", default(ReadOnlyMemory<byte>));
        var done = 0;
        while (done < text.Length)
        {
            var batch = Math.Min(bytes.Length, text.Length - done);
            var count = column.Read(bytes.AsSpan(0, batch), isPresent.AsSpan(0, batch));
            for (var i = 0; i < count; i++)
            {
                if (isPresent[i] && !bytes[i].Span.SequenceEqual(lastBytes.Span))
                {
                    (last, lastBytes) = (Encoding.UTF8.GetString(bytes[i].Span), bytes[i]);
                }

                text[done + i] = isPresent[i] ? last : null;
            }

            done += count;
            if (count < batch)
            {
                break;
            }
        }

        return done;
    }

    /// <summary>The rows to come, which are within the limit.</summary>
    private static int Rows(ParquetReader reader, string name)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var limit = reader.Options.MaxWholeColumnRows;
        return reader.RowCount <= limit
            ? (int)reader.RowCount
            : throw reader.FooterFault($"column {name} has {reader.RowCount} rows, where {limit} is the most to read whole");
    }
}
