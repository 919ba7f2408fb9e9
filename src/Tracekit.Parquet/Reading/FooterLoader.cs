using System.Buffers.Binary;
using Tracekit.Parquet.Footer;

namespace Tracekit.Parquet.Reading;

/// <summary>
/// Finds a file's footer, reads it and checks it against itself and the file's length.
/// Source: <see href="https://github.com/apache/parquet-format#file-format">parquet-format, File format</see>.
/// </summary>
internal static class FooterLoader
{
    /// <summary>The footer's length and the magic, at the end.</summary>
    private const int TailBytes = 8;

    private const int MagicBytes = 4;

    public static (FileFooter Footer, ParquetSchema Schema) Load(SourceFile file)
    {
        var footerStart = FindFooter(file, out var length);
        var bytes = new byte[length];
        file.Read(footerStart, bytes);
        try
        {
            var footer = FooterReader.Read(bytes);
            var columns = SchemaTree.Flatten(footer.Schema);
            CheckNames(columns);
            CheckRowGroups(footer, columns, footerStart);
            return (footer, new ParquetSchema(columns));
        }
        catch (CorruptDataException e)
        {
            throw file.Fault(footerStart + e.Position, $"in the footer: {e.Message}", e);
        }
    }

    private static long FindFooter(SourceFile file, out int length)
    {
        if (file.Length < MagicBytes + TailBytes)
        {
            throw file.Fault(0, $"a file of {file.Length} bytes is not Parquet: it has no room for a footer");
        }

        Span<byte> tail = stackalloc byte[TailBytes];
        file.Read(0, tail[..MagicBytes]);
        if (!tail[..MagicBytes].SequenceEqual(FileMagic.Plain))
        {
            throw file.Fault(0, "not Parquet: the file does not start with PAR1");
        }

        var tailStart = file.Length - TailBytes;
        file.Read(tailStart, tail);
        if (tail[MagicBytes..].SequenceEqual(FileMagic.Encrypted))
        {
            throw file.Fault(tailStart + MagicBytes, "the footer is encrypted, which this reader does not read");
        }

        if (!tail[MagicBytes..].SequenceEqual(FileMagic.Plain))
        {
            throw file.Fault(tailStart + MagicBytes, "the file does not end with PAR1: it is cut off, or was not closed by its writer");
        }

        var claimed = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (claimed > tailStart - MagicBytes)
        {
            throw file.Fault(tailStart, $"a footer of {claimed} bytes in a file of {file.Length}");
        }

        if (claimed > file.Options.MaxFooterBytes)
        {
            throw file.Fault(tailStart, $"a footer of {claimed} bytes, where {file.Options.MaxFooterBytes} is the most");
        }

        length = (int)claimed;
        return tailStart - length;
    }

    private static void CheckNames(IReadOnlyList<ParquetColumn> columns)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            if (!names.Add(column.Name))
            {
                throw new CorruptDataException(0, $"two columns are named '{column.Name}'");
            }
        }
    }

    private static void CheckRowGroups(FileFooter footer, IReadOnlyList<ParquetColumn> columns, long footerStart)
    {
        long rows = 0;
        for (var i = 0; i < footer.RowGroups.Count; i++)
        {
            var group = footer.RowGroups[i];
            if (group.Chunks.Count != columns.Count)
            {
                throw new CorruptDataException(0, $"row group {i} has {group.Chunks.Count} columns where the schema has {columns.Count}");
            }

            for (var j = 0; j < columns.Count; j++)
            {
                CheckChunk(group, group.Chunks[j], columns[j], i, footerStart);
            }

            rows = group.RowCount <= long.MaxValue - rows
                ? rows + group.RowCount
                : throw new CorruptDataException(0, "the row groups have more rows than can be counted");
        }

        if (rows != footer.RowCount)
        {
            throw new CorruptDataException(0, $"the file claims {footer.RowCount} rows and its row groups {rows}");
        }
    }

    private static void CheckChunk(RowGroupLayout group, ColumnChunk chunk, ParquetColumn column, int ordinal, long footerStart)
    {
        if (FindFault(group, chunk, column, footerStart) is { } fault)
        {
            throw new CorruptDataException(0, $"column {column.Name} of row group {ordinal} {fault}");
        }
    }

    private static string? FindFault(RowGroupLayout group, ColumnChunk chunk, ParquetColumn column, long footerStart)
    {
        if (chunk.Type != column.Type)
        {
            return $"holds {chunk.Type} where the schema has {column.Type}";
        }

        if (chunk.ExternalPath is not null)
        {
            return "is in another file, which this reader does not read";
        }

        // A list column has a value for each element, and one for each list without any.
        if (chunk.ValueCount < group.RowCount || (!column.IsList && chunk.ValueCount != group.RowCount))
        {
            return $"has {chunk.ValueCount} values for {group.RowCount} rows";
        }

        var isInFile = chunk.Start >= MagicBytes && chunk.Start <= footerStart;
        return isInFile && chunk.CompressedBytes >= 0 && chunk.CompressedBytes <= footerStart - chunk.Start
            ? null
            : $"lies at byte {chunk.Start} with {chunk.CompressedBytes} bytes, where the footer starts at {footerStart}";
    }
}
