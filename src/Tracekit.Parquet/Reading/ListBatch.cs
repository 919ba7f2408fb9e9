namespace Tracekit.Parquet;

/// <summary>Rows of a list column: where each list starts, and all elements end to end. Is filled again and again.</summary>
/// <typeparam name="T">The type of the elements; see <see cref="ColumnReader{T}"/>.</typeparam>
public sealed class ListBatch<T>
    where T : struct
{
    private int[] _starts = new int[17];
    private bool[] _isPresent = new bool[16];
    private T[] _elements = new T[64];
    private bool[] _elementIsPresent = new bool[64];

    /// <summary>Rows in the batch.</summary>
    public int RowCount { get; private set; }

    /// <summary>Elements of all rows, nulls among them.</summary>
    public int ElementCount { get; private set; }

    /// <summary>The elements of all rows, end to end; a null is a default value.</summary>
    public ReadOnlySpan<T> Elements => _elements.AsSpan(0, ElementCount);

    /// <summary>For each row where its elements start, and where the last one's end.</summary>
    public ReadOnlySpan<int> Offsets => _starts.AsSpan(0, RowCount + 1);

    /// <summary>The elements of a row; none if it has no list.</summary>
    public ReadOnlySpan<T> this[int row] => Elements[Offsets[row]..Offsets[row + 1]];

    /// <summary>Whether a row has no list, which is not the same as an empty one.</summary>
    public bool IsNull(int row) => !_isPresent.AsSpan(0, RowCount)[row];

    /// <summary>For each element of a row, whether it is not null.</summary>
    public ReadOnlySpan<bool> ElementIsPresent(int row) => _elementIsPresent.AsSpan(0, ElementCount)[Offsets[row]..Offsets[row + 1]];

    internal void Clear() => (RowCount, ElementCount) = (0, 0);

    internal void AddRow(bool isPresent)
    {
        if (RowCount == _isPresent.Length)
        {
            Array.Resize(ref _isPresent, RowCount * 2);
            Array.Resize(ref _starts, (RowCount * 2) + 1);
        }

        _isPresent[RowCount] = isPresent;
        RowCount++;
        _starts[0] = 0;
        _starts[RowCount] = ElementCount;
    }

    /// <summary>Adds an element to the last row.</summary>
    internal void AddElement(T value, bool isPresent)
    {
        if (ElementCount == _elements.Length)
        {
            Array.Resize(ref _elements, ElementCount * 2);
            Array.Resize(ref _elementIsPresent, ElementCount * 2);
        }

        _elements[ElementCount] = value;
        _elementIsPresent[ElementCount] = isPresent;
        ElementCount++;
        _starts[RowCount] = ElementCount;
    }
}
