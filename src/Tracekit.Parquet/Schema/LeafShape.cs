namespace Tracekit.Parquet;

/// <summary>
/// Where a leaf stands in the schema tree: what its definition and repetition levels mean.
/// Source: <see href="https://github.com/apache/parquet-format#nested-encoding">parquet-format, Nested Encoding</see>.
/// </summary>
/// <param name="Ordinal">Its place among the leaves, which is its place among the column chunks of a row group.</param>
/// <param name="MaxDefinition">The definition level of a value that is there.</param>
/// <param name="MaxRepetition">How many repeated fields are on the path.</param>
/// <param name="ListDefinition">The lowest definition level of an element; one below is the empty list, less is no list.</param>
internal sealed record LeafShape(int Ordinal, int MaxDefinition, int MaxRepetition, int ListDefinition)
{
    /// <summary>The shape that our writer gives a column: a plain field, or the three-level LIST.</summary>
    public static LeafShape OfWritten(ParquetColumn column, int ordinal)
    {
        var outer = column.IsOptional ? 1 : 0;
        return column.IsList
            ? new LeafShape(ordinal, outer + 1 + (column.ElementIsOptional ? 1 : 0), 1, outer + 1)
            : new LeafShape(ordinal, outer, 0, 0);
    }
}
