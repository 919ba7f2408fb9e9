namespace Tracekit.Parquet.Tests.RoundTrip;

/// <summary>A column and its rows: numbers, booleans and text as themselves, lists as arrays, null as null.</summary>
internal sealed record TestColumn(ParquetColumn Column, object?[] Rows)
{
    public override string ToString() => $"{Column.Name} {Column.Type}{(Column.IsOptional ? "?" : "")}: {string.Join("; ", Rows.Select(Show))}";

    public static string Show(object? value) => value switch
    {
        null => "null",
        object?[] list => $"[{string.Join(", ", list.Select(Show))}]",
        double number => BitConverter.DoubleToInt64Bits(number).ToString("x16"),
        float number => BitConverter.SingleToInt32Bits(number).ToString("x8"),
        _ => $"{value}",
    };
}

/// <summary>Tables of any shape, written with our writer and read with our reader.</summary>
internal sealed record TestTable(IReadOnlyList<TestColumn> Columns, ParquetWriterOptions Options)
{
    public override string ToString() => $"{Options}\n{string.Join("\n", Columns)}";

    /// <summary>The rows as text that tells every bit.</summary>
    public string Show() => string.Join("\n", Columns.Select(column => column.ToString()));

    public byte[] Write()
    {
        using var stream = new MemoryStream();
        Write(stream);
        return stream.ToArray();
    }

    public void Write(Stream stream)
    {
        using var writer = ParquetWriter.Create(stream, new ParquetSchema([.. Columns.Select(column => column.Column)]), Options, leaveOpen: true);
        var appends = Columns.Select(column => Appender(writer, column)).ToArray();
        for (var row = 0; row < Columns[0].Rows.Length; row++)
        {
            foreach (var append in appends)
            {
                append(row);
            }

            writer.EndRow();
        }

        writer.Close();
    }

    /// <summary>Reads every column, in batches of an odd size.</summary>
    public static TestTable Read(ParquetReader reader) =>
        new([.. reader.Schema.Columns.Select(column => new TestColumn(column, ReadColumn(reader, column)))], new());

    private static object?[] ReadColumn(ParquetReader reader, ParquetColumn column) => column.Type switch
    {
        PhysicalType.Boolean => Read<bool>(reader, column, value => value),
        PhysicalType.Int32 => Read<int>(reader, column, value => value),
        PhysicalType.Int64 => Read<long>(reader, column, value => value),
        PhysicalType.Int96 => Read<Int96>(reader, column, value => value),
        PhysicalType.Float => Read<float>(reader, column, value => value),
        PhysicalType.Double => Read<double>(reader, column, value => value),
        _ => Read<ReadOnlyMemory<byte>>(reader, column, value => System.Text.Encoding.UTF8.GetString(value.Span)),
    };

    private static object?[] Read<T>(ParquetReader reader, ParquetColumn column, Func<T, object> box)
        where T : struct => column.IsList ? ReadLists(reader, column, box) : ReadFlat(reader, column, box);

    private static object?[] ReadFlat<T>(ParquetReader reader, ParquetColumn column, Func<T, object> box)
        where T : struct
    {
        using var cursor = reader.Column<T>(column.Name);
        var rows = new List<object?>();
        var (values, isPresent) = (new T[37], new bool[37]);
        int count;
        while ((count = cursor.Read(values, isPresent)) > 0)
        {
            rows.AddRange(values.Take(count).Select((value, i) => isPresent[i] ? box(value) : null));
        }

        return [.. rows];
    }

    private static object?[] ReadLists<T>(ParquetReader reader, ParquetColumn column, Func<T, object> box)
        where T : struct
    {
        using var cursor = reader.ListColumn<T>(column.Name);
        var rows = new List<object?>();
        var batch = new ListBatch<T>();
        while (cursor.Read(batch, 37) > 0)
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                var isPresent = batch.ElementIsPresent(row).ToArray();
                rows.Add(batch.IsNull(row) ? null : batch[row].ToArray().Select((value, i) => isPresent[i] ? box(value) : null).ToArray());
            }
        }

        return [.. rows];
    }

    private static Action<int> Appender(ParquetWriter writer, TestColumn column) => column.Column.Type switch
    {
        PhysicalType.Boolean => Appender<bool>(writer, column),
        PhysicalType.Int32 => Appender<int>(writer, column),
        PhysicalType.Int64 => Appender<long>(writer, column),
        PhysicalType.Float => Appender<float>(writer, column),
        PhysicalType.Double => Appender<double>(writer, column),
        _ => TextAppender(writer.BytesColumn(column.Column.Name), column),
    };

    private static Action<int> TextAppender(BytesColumnWriter target, TestColumn column) => row => target.Append((string?)column.Rows[row]);

    private static Action<int> Appender<T>(ParquetWriter writer, TestColumn column)
        where T : unmanaged
    {
        if (!column.Column.IsList)
        {
            var flat = writer.Column<T>(column.Column.Name);
            return row => flat.Append((T?)column.Rows[row]);
        }

        var lists = writer.ListColumn<T>(column.Column.Name);
        return row =>
        {
            if (column.Rows[row] is not object?[] elements)
            {
                lists.AppendNull();
            }
            else if (elements.Contains(null))
            {
                lists.Append(elements.Select(element => (T?)element).ToArray().AsSpan());
            }
            else
            {
                lists.Append(elements.Select(element => (T)element!).ToArray().AsSpan());
            }
        };
    }
}
