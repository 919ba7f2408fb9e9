namespace Tracekit.Parquet.Footer;

/// <summary>
/// Makes columns of the schema tree.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists">parquet-format, Lists</see>.
/// </summary>
internal sealed class SchemaTree
{
    /// <summary>How deep groups may nest.</summary>
    private const int MaxDepth = 32;

    /// <summary>Characters of all column names together, for each node: a group's long name must not come back for a million columns.</summary>
    private const int MaxNameCharactersPerNode = 1024;

    private readonly IReadOnlyList<SchemaElement> _elements;
    private readonly List<ParquetColumn> _columns = [];
    private readonly List<SchemaElement> _path = [];
    private long _nameCharacters;
    private int _next = 1;

    private SchemaTree(IReadOnlyList<SchemaElement> elements)
    {
        _elements = elements;
    }

    /// <exception cref="CorruptDataException">The nodes are no tree, or one too deep.</exception>
    public static IReadOnlyList<ParquetColumn> Flatten(IReadOnlyList<SchemaElement> elements)
    {
        var tree = new SchemaTree(elements);
        if (elements.Count == 0)
        {
            throw new CorruptDataException(0, "the schema is empty");
        }

        tree.VisitChildren(elements[0]);
        return tree._next == elements.Count
            ? tree._columns
            : throw new CorruptDataException(0, $"the schema has {elements.Count - tree._next} nodes outside its tree");
    }

    private void VisitChildren(SchemaElement group)
    {
        if (_path.Count >= MaxDepth)
        {
            throw new CorruptDataException(0, $"the schema nests deeper than {MaxDepth}");
        }

        if (group.Children < 0 || group.Children > _elements.Count - _next)
        {
            throw new CorruptDataException(0, $"a group has {group.Children} children where {_elements.Count - _next} nodes are left");
        }

        for (var i = 0; i < group.Children; i++)
        {
            if (_next >= _elements.Count)
            {
                throw new CorruptDataException(0, "the schema ends within its tree");
            }

            var element = _elements[_next++];
            _path.Add(element);
            if (element.Type is null)
            {
                VisitChildren(element);
            }
            else
            {
                AddLeaf(element, element.Type.Value);
            }

            _path.RemoveAt(_path.Count - 1);
        }
    }

    private void AddLeaf(SchemaElement leaf, PhysicalType type)
    {
        if (leaf.TypeLength < 0 || (type == PhysicalType.FixedLenByteArray && leaf.TypeLength == 0))
        {
            throw new CorruptDataException(0, $"a column has values of {leaf.TypeLength} bytes");
        }

        var repeatedAt = _path.FindIndex(node => node.Repetition == Repetition.Repeated);
        var nameLength = repeatedAt > 0 && IsWholeList(repeatedAt) ? repeatedAt : _path.Count;
        var outerEnd = repeatedAt < 0 ? _path.Count : repeatedAt;
        var outerOptional = _path.Take(outerEnd).Any(node => node.Repetition == Repetition.Optional);
        _columns.Add(new ParquetColumn
        {
            Name = JoinNames(nameLength),
            Type = type,
            Logical = leaf.Logical,
            IsAdjustedToUtc = leaf.IsAdjustedToUtc,
            Repetition = outerOptional ? Repetition.Optional : repeatedAt == 0 ? Repetition.Repeated : Repetition.Required,
            IsList = repeatedAt >= 0,
            ElementIsOptional = repeatedAt >= 0 && _path.Skip(repeatedAt + 1).Any(node => node.Repetition == Repetition.Optional),
            TypeLength = type == PhysicalType.FixedLenByteArray ? leaf.TypeLength : 0,
            Shape = new LeafShape(
                _columns.Count,
                _path.Count(node => node.Repetition != Repetition.Required),
                _path.Count(node => node.Repetition == Repetition.Repeated),
                repeatedAt < 0 ? 0 : _path.Take(repeatedAt + 1).Count(node => node.Repetition != Repetition.Required)),
        });
    }

    /// <summary>Whether the list's one leaf is all there is of it, so that the list's own name will do.</summary>
    private bool IsWholeList(int repeatedAt) =>
        _path[repeatedAt - 1] is { IsList: true, Children: 1 }
        && _path.Skip(repeatedAt).All(node => node.Type is not null || node.Children == 1);

    private string JoinNames(int length)
    {
        _nameCharacters += length;
        for (var i = 0; i < length; i++)
        {
            _nameCharacters += _path[i].Name.Length;
        }

        return _nameCharacters <= (long)_elements.Count * MaxNameCharactersPerNode
            ? string.Join('.', _path.Take(length).Select(node => node.Name))
            : throw new CorruptDataException(0, "the names of the columns are too long");
    }
}
