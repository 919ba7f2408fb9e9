using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Tracekit.Parquet.Codecs;
using Tracekit.Parquet.Encodings;
using Tracekit.Parquet.Footer;

namespace Tracekit.Parquet.Writing;

/// <summary>Writes the column chunks of a file, one after another: a dictionary page where that is shorter, and data pages.</summary>
internal sealed class ChunkWriter(PageOutput output, ParquetWriterOptions options)
{
    private readonly ArrayBufferWriter<byte> _header = new();
    private readonly ArrayBufferWriter<byte> _levels = new();
    private readonly ArrayBufferWriter<byte> _body = new();
    private long _uncompressedBytes;

    public ColumnChunk Write(ColumnBuffer buffer)
    {
        var start = output.Position;
        _uncompressedBytes = 0;
        var dictionary = options.DictionaryBytes > 0 ? buffer.Values.TryBuildDictionary(options.DictionaryBytes) : null;
        if (dictionary is not null)
        {
            WriteDictionaryPage(buffer.Values, dictionary);
        }

        var dataStart = output.Position;
        var page = new PageRange(0, 0, 0, 0, 0);
        while (page.LevelEnd < buffer.Levels)
        {
            page = PageRange.After(page, buffer, dictionary, options);
            WriteDataPage(buffer, page, dictionary);
        }

        return new ColumnChunk
        {
            Type = buffer.Column.Type,
            Codec = (int)options.Compression,
            ValueCount = buffer.Levels,
            UncompressedBytes = _uncompressedBytes,
            CompressedBytes = output.Position - start,
            DataPageOffset = dataStart,
            DictionaryPageOffset = dictionary is null ? null : start,
            Statistics = buffer.Values.Range() with { NullCount = buffer.Levels - buffer.Values.Count },
            Encodings = dictionary is null
                ? [ParquetEncoding.Plain, ParquetEncoding.Rle]
                : [ParquetEncoding.Plain, ParquetEncoding.Rle, ParquetEncoding.RleDictionary],
        };
    }

    private void WriteDictionaryPage(IValueStore values, ValueDictionary dictionary)
    {
        _body.ResetWrittenCount();
        values.WriteDictionary(_body);
        var compressed = PageCompressor.Compress(options.Compression, _body.WrittenSpan);
        _header.ResetWrittenCount();
        PageHeaderWriter.WriteDictionary(_header, _body.WrittenCount, compressed.Length, dictionary.Firsts.Length);
        WritePage(_body.WrittenCount, [], compressed);
    }

    private void WriteDataPage(ColumnBuffer buffer, PageRange page, ValueDictionary? dictionary)
    {
        _levels.ResetWrittenCount();
        _body.ResetWrittenCount();
        var levels = options.DataPageV2 ? _levels : _body;
        var repetitionBytes = buffer.HasRepetitions
            ? WriteLevels(buffer.Repetitions.Items[page.LevelStart..page.LevelEnd], buffer.Shape.MaxRepetition, levels)
            : 0;
        var definitionBytes = buffer.HasDefinitions
            ? WriteLevels(buffer.Definitions.Items[page.LevelStart..page.LevelEnd], buffer.Shape.MaxDefinition, levels)
            : 0;
        WriteValues(buffer.Values, page, dictionary);

        var compressed = PageCompressor.Compress(options.Compression, _body.WrittenSpan);
        var encoding = dictionary is null ? ParquetEncoding.Plain : ParquetEncoding.RleDictionary;
        var uncompressedBytes = _levels.WrittenCount + _body.WrittenCount;
        var compressedBytes = _levels.WrittenCount + compressed.Length;
        _header.ResetWrittenCount();
        if (options.DataPageV2)
        {
            PageHeaderWriter.WriteDataV2(
                _header, uncompressedBytes, compressedBytes, page, encoding, definitionBytes, repetitionBytes,
                isCompressed: options.Compression != Compression.Uncompressed);
        }
        else
        {
            PageHeaderWriter.WriteData(_header, uncompressedBytes, compressedBytes, page.Levels, encoding);
        }

        WritePage(uncompressedBytes, _levels.WrittenSpan, compressed);
    }

    private void WriteValues(IValueStore values, PageRange page, ValueDictionary? dictionary)
    {
        if (dictionary is null)
        {
            values.WritePlain(page.ValueStart, page.Values, _body);
            return;
        }

        _body.Write([(byte)dictionary.BitWidth]);
        RleHybridEncoder.Encode(dictionary.Indices.Slice(page.ValueStart, page.Values), dictionary.BitWidth, _body);
    }

    /// <summary>Writes levels as the page version has them; gives their bytes without the length that version 1 puts before them.</summary>
    private int WriteLevels(ReadOnlySpan<byte> levels, int maxLevel, ArrayBufferWriter<byte> into)
    {
        var bitWidth = 32 - BitOperations.LeadingZeroCount((uint)maxLevel);
        if (options.DataPageV2)
        {
            var before = into.WrittenCount;
            RleHybridEncoder.Encode(levels, bitWidth, into);
            return into.WrittenCount - before;
        }

        _header.ResetWrittenCount();
        RleHybridEncoder.Encode(levels, bitWidth, _header);
        BinaryPrimitives.WriteInt32LittleEndian(into.GetSpan(sizeof(int)), _header.WrittenCount);
        into.Advance(sizeof(int));
        into.Write(_header.WrittenSpan);
        return _header.WrittenCount;
    }

    private void WritePage(int uncompressedBytes, ReadOnlySpan<byte> levels, ReadOnlySpan<byte> compressed)
    {
        output.Write(_header.WrittenSpan);
        output.Write(levels);
        output.Write(compressed);
        _uncompressedBytes += _header.WrittenCount + uncompressedBytes;
    }
}
