namespace Tracekit.Parquet.Encodings;

/// <summary>
/// Values as places in a dictionary: a byte for the bits of a place, then runs and packed groups of places.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/Encodings.md#DICTIONARY">parquet-format, dictionary encoding</see>.
/// </summary>
internal sealed class DictionaryDecoder<T> : IValueDecoder<T>
{
    private const int BatchSize = 1024;

    private readonly RleHybridDecoder _places = new();
    private readonly int[] _batch = new int[BatchSize];
    private ReadOnlyMemory<T> _dictionary;
    private int _start;

    public void SetDictionary(ReadOnlyMemory<T> dictionary) => _dictionary = dictionary;

    public void Reset(byte[] buffer, int start, int end)
    {
        _start = start;
        if (start == end)
        {
            // A page of nulls may lack even the width; it will not be read from.
            _places.Reset(buffer, start, end, 0);
            return;
        }

        _places.Reset(buffer, start + 1, end, buffer[start]);
    }

    public void Read(Span<T> into)
    {
        var dictionary = _dictionary.Span;
        while (!into.IsEmpty)
        {
            var count = _places.TakeRun(into.Length, out var place);
            if (count > 0)
            {
                Check(place, dictionary.Length);
                into[..count].Fill(dictionary[place]);
            }
            else
            {
                count = _places.TakePacked(_batch.AsSpan(0, Math.Min(BatchSize, into.Length)));
                LookUp(_batch.AsSpan(0, count), dictionary, into);
            }

            into = into[count..];
        }
    }

    private void LookUp(ReadOnlySpan<int> places, ReadOnlySpan<T> dictionary, Span<T> into)
    {
        into = into[..places.Length];
        for (var i = 0; i < places.Length; i++)
        {
            var place = places[i];
            if ((uint)place >= (uint)dictionary.Length)
            {
                Check(place, dictionary.Length);
            }

            into[i] = dictionary[place];
        }
    }

    private void Check(int place, int count)
    {
        if ((uint)place >= (uint)count)
        {
            throw new CorruptDataException(_start, $"place {(uint)place} in a dictionary of {count} values");
        }
    }
}
