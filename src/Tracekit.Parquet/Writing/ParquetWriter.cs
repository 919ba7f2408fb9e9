using System.Buffers;
using System.Buffers.Binary;
using Tracekit.Parquet.Footer;
using Tracekit.Parquet.Writing;

namespace Tracekit.Parquet;

/// <summary>
/// Writes a Parquet file front to back. Append one value to every column, then call <see cref="EndRow"/>; row groups are written
/// as they fill. Only <see cref="Close"/> makes the file whole: a writer that is disposed without it leaves a file that no reader takes.
/// Source: <see href="https://github.com/apache/parquet-format#file-format">parquet-format, File format</see>.
/// </summary>
public sealed class ParquetWriter : IDisposable
{
    /// <summary>Rows between two looks at how many bytes are held and whether all columns are in step.</summary>
    private const int RowsPerCheck = 1024;

    private readonly ParquetWriterOptions _options;
    private readonly PageOutput _output;
    private readonly ChunkWriter _chunks;
    private readonly ColumnBuffer[] _buffers;
    private readonly object[] _writers;
    private readonly List<RowGroupLayout> _rowGroups = [];
    private int _rows;
    private int _nextCheck;
    private bool _isClosed;

    private ParquetWriter(Stream stream, ParquetSchema schema, ParquetWriterOptions options, bool leaveOpen)
    {
        Schema = schema;
        _options = options;
        _output = new PageOutput(stream, leaveOpen);
        _chunks = new ChunkWriter(_output, options);
        _buffers = new ColumnBuffer[schema.Columns.Count];
        _writers = new object[schema.Columns.Count];
        for (var i = 0; i < _buffers.Length; i++)
        {
            (_buffers[i], _writers[i]) = ColumnWriters.Create(schema.Columns[i], i);
        }

        _nextCheck = Math.Min(RowsPerCheck, options.RowGroupRows);
        _output.Write(FileMagic.Plain);
    }

    /// <summary>The columns, as given.</summary>
    public ParquetSchema Schema { get; }

    /// <summary>Rows ended so far.</summary>
    public long RowCount { get; private set; }

    /// <summary>Starts a file at <paramref name="path"/>, in place of one that is there.</summary>
    /// <exception cref="ArgumentException">The schema has a column of a kind that this writer does not write, or none.</exception>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public static ParquetWriter Create(string path, ParquetSchema schema, ParquetWriterOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ColumnWriters.Check(schema);
        var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);
        return Create(stream, schema, options);
    }

    /// <summary>Starts a file at the place where <paramref name="stream"/> stands. The stream need not seek.</summary>
    /// <exception cref="ArgumentException">The schema has a column of a kind that this writer does not write, or none.</exception>
    public static ParquetWriter Create(Stream stream, ParquetSchema schema, ParquetWriterOptions? options = null, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ColumnWriters.Check(schema);
        options ??= new();
        options.Check();
        return new ParquetWriter(stream, schema, options, leaveOpen);
    }

    /// <summary>What appends to a column of numbers or booleans. Keep it: it serves the whole file.</summary>
    /// <exception cref="ArgumentException">There is no such column, or it holds something else.</exception>
    public ColumnWriter<T> Column<T>(string name)
        where T : unmanaged => Find<ColumnWriter<T>>(name);

    /// <summary>What appends to a column of text or byte arrays. Keep it: it serves the whole file.</summary>
    /// <exception cref="ArgumentException">There is no such column, or it holds something else.</exception>
    public BytesColumnWriter BytesColumn(string name) => Find<BytesColumnWriter>(name);

    /// <summary>What appends to a column of lists. Keep it: it serves the whole file.</summary>
    /// <exception cref="ArgumentException">There is no such column, or it holds something else.</exception>
    public ListColumnWriter<T> ListColumn<T>(string name)
        where T : unmanaged => Find<ListColumnWriter<T>>(name);

    /// <summary>Ends a row, to which every column must have been appended; writes the row group if it is full.</summary>
    /// <exception cref="InvalidOperationException">A column is out of step. Looked at now and then, not in every row.</exception>
    public void EndRow() => EndRows(1);

    /// <summary>Ends so many rows at once, for columns that are appended in spans.</summary>
    /// <exception cref="InvalidOperationException">A column is out of step. Looked at now and then, not in every row.</exception>
    public void EndRows(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        RowCount += count;
        _rows = checked(_rows + count);
        if (_rows >= _nextCheck)
        {
            CheckFill();
        }
    }

    /// <summary>Writes the rows so far as a row group, even if it is not full.</summary>
    /// <exception cref="InvalidOperationException">A column is out of step.</exception>
    public void EndRowGroup()
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        CheckInStep();
        if (_rows == 0)
        {
            return;
        }

        var chunks = new ColumnChunk[_buffers.Length];
        for (var i = 0; i < _buffers.Length; i++)
        {
            chunks[i] = _chunks.Write(_buffers[i]);
            _buffers[i].Clear();
        }

        _rowGroups.Add(new RowGroupLayout(_rows, chunks));
        _rows = 0;
        _nextCheck = Math.Min(RowsPerCheck, _options.RowGroupRows);
    }

    /// <summary>Writes what is left, and the footer: the file is whole. Closing twice does nothing.</summary>
    /// <exception cref="InvalidOperationException">A column is out of step.</exception>
    public void Close()
    {
        if (_isClosed)
        {
            return;
        }

        EndRowGroup();
        var footer = new ArrayBufferWriter<byte>();
        FooterWriter.Write(footer, Schema, _rowGroups, _options);
        _output.Write(footer.WrittenSpan);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.WrittenCount);
        _output.Write(length);
        _output.Write(FileMagic.Plain);
        _output.Flush();
        _isClosed = true;
    }

    /// <summary>Closes the stream, unless it is to stay open. Does not close the file: after a fault it must not look whole.</summary>
    public void Dispose()
    {
        _isClosed = true;
        _output.Dispose();
    }

    private void CheckFill()
    {
        CheckInStep();
        long bytes = 0;
        foreach (var buffer in _buffers)
        {
            bytes += buffer.Bytes;
        }

        if (_rows >= _options.RowGroupRows || bytes >= _options.RowGroupBytes)
        {
            EndRowGroup();
        }
        else
        {
            _nextCheck = Math.Min(_rows + RowsPerCheck, _options.RowGroupRows);
        }
    }

    private void CheckInStep()
    {
        foreach (var buffer in _buffers)
        {
            if (buffer.Rows != _rows)
            {
                throw new InvalidOperationException(
                    $"column {buffer.Column.Name} has {buffer.Rows} rows where {_rows} were ended: append to each column once a row");
            }
        }
    }

    private TWriter Find<TWriter>(string name)
        where TWriter : class
    {
        var index = Schema.IndexOf(name);
        if (index < 0)
        {
            throw new ArgumentException($"there is no column {name}", nameof(name));
        }

        return _writers[index] as TWriter
            ?? throw new ArgumentException($"column {name} is {ColumnWriters.Describe(Schema.Columns[index])}", nameof(name));
    }
}
