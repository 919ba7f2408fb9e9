using System.Buffers.Binary;
using System.Numerics;
using Tracekit.Parquet.Encodings;
using Tracekit.Parquet.Footer;

namespace Tracekit.Parquet.Reading;

/// <summary>
/// Goes through a column's chunks and pages, and gives levels and values of the page it stands in. Whoever drives it takes levels
/// first, then as many values as the levels say.
/// </summary>
internal sealed class ColumnScanner<T> : IDisposable
{
    private readonly ChunkPages _pages;
    private readonly IReadOnlyList<RowGroupLayout> _rowGroups;
    private readonly LeafShape _shape;
    private readonly RleHybridDecoder _definitions = new();
    private readonly RleHybridDecoder _repetitions = new();
    private readonly IValueDecoder<T> _plain;
    private DictionaryDecoder<T>? _dictionary;
    private IValueDecoder<T>? _other;
    private ParquetEncoding _otherEncoding;
    private IValueDecoder<T> _values;
    private T[] _dictionaryValues = [];
    private bool _hasDictionary;
    private int _nextGroup;
    private long _leftInChunk;
    private long _pageOffset;

    /// <param name="file">The file.</param>
    /// <param name="column">The column, which <typeparamref name="T"/> reads.</param>
    /// <param name="rowGroups">The row groups to go through.</param>
    public ColumnScanner(SourceFile file, ParquetColumn column, IReadOnlyList<RowGroupLayout> rowGroups)
    {
        Column = column;
        _rowGroups = rowGroups;
        _shape = column.Shape!;
        _pages = new ChunkPages(file, keepPages: typeof(T) == typeof(ReadOnlyMemory<byte>));
        _plain = _values = ValueDecoders.Plain<T>(column);
    }

    public ParquetColumn Column { get; }

    /// <summary>Levels left in the page.</summary>
    public int Remaining { get; private set; }

    /// <summary>Rows of the chunk that was entered last.</summary>
    public long ChunkRows { get; private set; }

    /// <summary>Counts chunks, so that whoever counts rows knows when another starts.</summary>
    public int ChunkOrdinal => _nextGroup;

    /// <summary>Moves to the next page with levels if this one has none left; false at the end of the column.</summary>
    /// <exception cref="ParquetFormatException">The file is damaged.</exception>
    public bool Advance()
    {
        while (Remaining == 0)
        {
            if (_leftInChunk == 0)
            {
                if (_nextGroup == _rowGroups.Count)
                {
                    return false;
                }

                OpenChunk(_rowGroups[_nextGroup++]);
            }
            else
            {
                NextPage();
            }
        }

        return true;
    }

    /// <summary>Takes the next levels of the page, of which there are as many; those that the column has not are 0.</summary>
    /// <exception cref="ParquetFormatException">The file is damaged.</exception>
    public void ReadLevels(Span<byte> repetitions, Span<byte> definitions)
    {
        try
        {
            ReadLevels(_repetitions, repetitions, _shape.MaxRepetition);
            ReadLevels(_definitions, definitions, _shape.MaxDefinition);
            Take(definitions.Length);
        }
        catch (CorruptDataException e)
        {
            throw Fault(e.Message, e);
        }
    }

    /// <summary>Takes levels of a column that has none: its values are all there.</summary>
    public void Take(int levels)
    {
        Remaining -= levels;
        _leftInChunk -= levels;
    }

    /// <summary>Reads the values that come next in the page.</summary>
    /// <exception cref="ParquetFormatException">The file is damaged.</exception>
    public void ReadValues(Span<T> into)
    {
        try
        {
            _values.Read(into);
        }
        catch (CorruptDataException e)
        {
            throw Fault(e.Message, e);
        }
    }

    /// <summary>A fault in the page.</summary>
    public ParquetFormatException Fault(string what, Exception? inner = null) =>
        _pages.Fault(_pageOffset, $"in the page there: {what}", inner);

    public void Dispose() => _pages.Dispose();

    private static void ReadLevels(RleHybridDecoder decoder, Span<byte> into, int max)
    {
        if (into.IsEmpty)
        {
            return;
        }

        if (max == 0)
        {
            into.Clear();
            return;
        }

        decoder.ReadLevels(into);
        if (into.ContainsAnyExceptInRange((byte)0, (byte)max))
        {
            throw new CorruptDataException(0, $"a level above {max}");
        }
    }

    private void OpenChunk(RowGroupLayout group)
    {
        var chunk = group.Chunks[_shape.Ordinal];
        ChunkRows = group.RowCount;
        _leftInChunk = chunk.ValueCount;
        _hasDictionary = false;
        _pageOffset = chunk.Start;
        _pages.Open(chunk, Column.Name);
    }

    private void NextPage()
    {
        if (!_pages.TryNext(out var page))
        {
            throw _pages.Fault(_pages.Offset, $"the column chunk ends where {_leftInChunk} more values are due");
        }

        _pageOffset = page.Offset;
        try
        {
            switch (page.Header.Type)
            {
                case PageType.Dictionary:
                    ReadDictionary(page);
                    break;
                case PageType.Data or PageType.DataV2:
                    StartData(page);
                    break;
            }
        }
        catch (CorruptDataException e)
        {
            throw Fault(e.Message, e);
        }
    }

    private void ReadDictionary(Page page)
    {
        var (count, bytes) = (page.Header.Values, page.End - page.Start);
        if (page.Header.Encoding is not (ParquetEncoding.Plain or ParquetEncoding.PlainDictionary))
        {
            throw new CorruptDataException(
                0, $"a dictionary uses encoding {ValueDecoders.Name(page.Header.Encoding)}, which this reader does not read");
        }

        if (typeof(T) == typeof(bool) || (long)count * ValueDecoders.MinPlainBytes(Column) > bytes)
        {
            throw new CorruptDataException(0, $"a dictionary of {count} values in {bytes} bytes");
        }

        // Byte arrays of the row group before may still be in use, but they are copies of these.
        if (_dictionaryValues.Length < count)
        {
            _dictionaryValues = new T[count];
        }

        _plain.Reset(page.Buffer, page.Start, page.End);
        _plain.Read(_dictionaryValues.AsSpan(0, count));
        _dictionary ??= new DictionaryDecoder<T>();
        _dictionary.SetDictionary(_dictionaryValues.AsMemory(0, count));
        _hasDictionary = true;
    }

    private void StartData(Page page)
    {
        var header = page.Header;
        if (header.Values > _leftInChunk)
        {
            throw new CorruptDataException(0, $"a page of {header.Values} values where {_leftInChunk} are due");
        }

        var valuesStart = header.Type == PageType.Data ? StartLevels(page) : StartLevelsV2(page);
        Remaining = header.Values;
        _values = Decoder(header.Encoding);
        if (valuesStart == page.End && !ReferenceEquals(_values, _dictionary))
        {
            // A page of nulls may lack even what its encoding starts with.
            _values = _plain;
        }

        _values.Reset(page.Buffer, valuesStart, page.End);
    }

    /// <summary>Version 1: each kind of levels has its length before it.</summary>
    private int StartLevels(Page page)
    {
        var at = page.Start;
        if (_shape.MaxRepetition > 0)
        {
            CheckLevels(page.Header.RepetitionEncoding);
            at = StartLevels(_repetitions, page, at, _shape.MaxRepetition);
        }

        if (_shape.MaxDefinition > 0)
        {
            CheckLevels(page.Header.DefinitionEncoding);
            at = StartLevels(_definitions, page, at, _shape.MaxDefinition);
        }

        return at;
    }

    private static void CheckLevels(ParquetEncoding encoding)
    {
        if (encoding != ParquetEncoding.Rle)
        {
            throw new CorruptDataException(0, $"levels use encoding {ValueDecoders.Name(encoding)}, which this reader does not read");
        }
    }

    private static int StartLevels(RleHybridDecoder decoder, Page page, int at, int max)
    {
        if (page.End - at < sizeof(int))
        {
            throw CorruptDataException.EndsEarly(at, "the length of levels");
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(page.Buffer.AsSpan(at));
        at += sizeof(int);
        if (length > page.End - at)
        {
            throw CorruptDataException.EndsEarly(at, $"{length} bytes of levels");
        }

        decoder.Reset(page.Buffer, at, at + (int)length, BitWidth(max));
        return at + (int)length;
    }

    /// <summary>Version 2: the lengths are in the header, and were checked against the page there.</summary>
    private int StartLevelsV2(Page page)
    {
        var definitionsAt = page.Start + page.Header.RepetitionBytes;
        var valuesAt = definitionsAt + page.Header.DefinitionBytes;
        _repetitions.Reset(page.Buffer, page.Start, definitionsAt, BitWidth(_shape.MaxRepetition));
        _definitions.Reset(page.Buffer, definitionsAt, valuesAt, BitWidth(_shape.MaxDefinition));
        return valuesAt;
    }

    private static int BitWidth(int max) => 32 - BitOperations.LeadingZeroCount((uint)max);

    private IValueDecoder<T> Decoder(ParquetEncoding encoding)
    {
        if (encoding == ParquetEncoding.Plain)
        {
            return _plain;
        }

        if (encoding is ParquetEncoding.PlainDictionary or ParquetEncoding.RleDictionary)
        {
            return _hasDictionary
                ? _dictionary!
                : throw new CorruptDataException(0, "the page needs a dictionary, and there is none before it");
        }

        if (_other is null || _otherEncoding != encoding)
        {
            _other = ValueDecoders.Other<T>(encoding, Column.Type)
                ?? throw new CorruptDataException(
                    0,
                    $"column {Column.Name} uses encoding {ValueDecoders.Name(encoding)} for {Column.Type}, which this reader does not read");
            _otherEncoding = encoding;
        }

        return _other;
    }
}
