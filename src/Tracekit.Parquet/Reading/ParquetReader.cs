using Tracekit.Parquet.Footer;
using Tracekit.Parquet.Reading;

namespace Tracekit.Parquet;

/// <summary>
/// Reads a Parquet file, column by column. Opening reads the footer; a column reader then holds a page at a time, so that several
/// of them can go through a file of any size in step.
/// Source: <see href="https://github.com/apache/parquet-format#file-format">parquet-format, File format</see>.
/// </summary>
public sealed class ParquetReader : IDisposable
{
    private readonly SourceFile _file;
    private readonly FileFooter _footer;

    private ParquetReader(SourceFile file)
    {
        _file = file;
        (_footer, Schema) = FooterLoader.Load(file);
        RowGroups = [.. _footer.RowGroups.Select(Describe)];
        var keyValues = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in _footer.KeyValues)
        {
            keyValues[key] = value ?? "";
        }

        KeyValueMetadata = keyValues;
    }

    /// <summary>The columns of the file.</summary>
    public ParquetSchema Schema { get; }

    /// <summary>Rows of the file, as it claims. A small file can hold billions: do not allocate by it without a limit.</summary>
    public long RowCount => _footer.RowCount;

    /// <summary>The row groups in order.</summary>
    public IReadOnlyList<RowGroupInfo> RowGroups { get; }

    /// <summary>Pairs of text that are kept with the file. Of a key that is there twice, the last.</summary>
    public IReadOnlyDictionary<string, string> KeyValueMetadata { get; }

    /// <summary>The program that wrote the file, if it says.</summary>
    public string? CreatedBy => _footer.CreatedBy;

    /// <summary>Opens a file and reads its footer.</summary>
    /// <exception cref="ParquetFormatException">The file is not Parquet, or damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ParquetReader Open(string path, ParquetReaderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (!stream.CanSeek)
        {
            stream.Dispose();
            throw new ParquetFormatException(path, 0, "a pipe or device cannot seek to the footer at its end");
        }

        return Open(new FileSource(stream), path, options);
    }

    /// <summary>Opens a file that lies in a stream, from its start to its end, and reads its footer.</summary>
    /// <param name="stream">Must seek. Is closed with the reader, unless it is to stay open.</param>
    /// <param name="name">What errors call the file.</param>
    /// <param name="options">Limits.</param>
    /// <param name="leaveOpen">Whether to leave the stream open.</param>
    /// <exception cref="ParquetFormatException">The stream is not Parquet, or damaged.</exception>
    public static ParquetReader Open(Stream stream, string? name = null, ParquetReaderOptions? options = null, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Open(new StreamSource(stream, leaveOpen), name, options);
    }

    /// <summary>Reads a column that has one value a row, or none, through all row groups.</summary>
    /// <typeparam name="T">See <see cref="ColumnReader{T}"/>.</typeparam>
    /// <exception cref="ParquetFormatException">The file has no such column, or one of another type.</exception>
    public ColumnReader<T> Column<T>(string name)
        where T : struct => new(Scan<T>(name, _footer.RowGroups, isList: false));

    /// <summary>Reads a column of one row group.</summary>
    /// <inheritdoc cref="Column{T}(string)"/>
    public ColumnReader<T> Column<T>(string name, int rowGroup)
        where T : struct => new(Scan<T>(name, [_footer.RowGroups[rowGroup]], isList: false));

    /// <summary>Reads a column of lists through all row groups.</summary>
    /// <typeparam name="T">The type of the elements; see <see cref="ColumnReader{T}"/>.</typeparam>
    /// <exception cref="ParquetFormatException">The file has no such column, or one of another type.</exception>
    public ListColumnReader<T> ListColumn<T>(string name)
        where T : struct => new(Scan<T>(name, _footer.RowGroups, isList: true), _file.Options.MaxBatchElements);

    /// <summary>Reads a column of lists of one row group.</summary>
    /// <inheritdoc cref="ListColumn{T}(string)"/>
    public ListColumnReader<T> ListColumn<T>(string name, int rowGroup)
        where T : struct => new(Scan<T>(name, [_footer.RowGroups[rowGroup]], isList: true), _file.Options.MaxBatchElements);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    internal ParquetReaderOptions Options => _file.Options;

    internal long FileBytes => _file.Length;

    internal ParquetFormatException FooterFault(string what) => _file.Fault(_file.Length, what);

    private static ParquetReader Open(IByteSource source, string? name, ParquetReaderOptions? options)
    {
        var file = new SourceFile(source, name, options ?? new());
        try
        {
            return new ParquetReader(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private RowGroupInfo Describe(RowGroupLayout group)
    {
        var statistics = new ColumnStatistics?[group.Chunks.Count];
        for (var i = 0; i < statistics.Length; i++)
        {
            statistics[i] = Trusted(group.Chunks[i].Statistics, Schema.Columns[i]);
        }

        return new RowGroupInfo(group.RowCount, statistics);
    }

    /// <summary>Leaves out a range that its writer compared as signed where the column is not.</summary>
    private static ColumnStatistics? Trusted(ColumnStatistics? statistics, ParquetColumn column)
    {
        var isSigned = column.Type is not (PhysicalType.ByteArray or PhysicalType.FixedLenByteArray or PhysicalType.Int96)
            && column.Logical != LogicalKind.UnsignedInteger;
        return statistics is { ComparesAsSigned: true } && !isSigned ? statistics with { Min = null, Max = null } : statistics;
    }

    private ColumnScanner<T> Scan<T>(string name, IReadOnlyList<RowGroupLayout> groups, bool isList)
        where T : struct
    {
        if (!Schema.TryFind(name, out var column))
        {
            var names = string.Join(", ", Schema.Columns.Select(one => one.Name).Take(50));
            throw FooterFault($"there is no column {name}; there are {names}");
        }

        if (column.Shape!.MaxRepetition > 1)
        {
            throw FooterFault($"column {name} has lists within lists, which this reader does not read");
        }

        if (column.IsList != isList || !ValueDecoders.Reads<T>(column.Type))
        {
            var (found, needed) = (column.IsList ? "lists of " : "", isList ? "lists of " : "");
            throw FooterFault($"column {name} holds {found}{column.Type}, where {needed}{typeof(T).Name} is needed");
        }

        return new ColumnScanner<T>(_file, column, groups);
    }
}
