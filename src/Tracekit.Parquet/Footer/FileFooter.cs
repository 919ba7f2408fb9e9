namespace Tracekit.Parquet.Footer;

/// <summary>A file's footer, read and not yet checked against itself.</summary>
internal sealed record FileFooter(
    IReadOnlyList<SchemaElement> Schema,
    long RowCount,
    IReadOnlyList<RowGroupLayout> RowGroups,
    IReadOnlyList<KeyValuePair<string, string?>> KeyValues,
    string? CreatedBy);

/// <summary>A node of the schema tree, which is listed depth first.</summary>
internal sealed record SchemaElement
{
    public string Name { get; set; } = "";

    /// <summary>Null for a group.</summary>
    public PhysicalType? Type { get; set; }

    public int TypeLength { get; set; }

    public Repetition Repetition { get; set; }

    public int Children { get; set; }

    public ConvertedType? Converted { get; set; }

    public LogicalKind Logical { get; set; }

    public bool IsAdjustedToUtc { get; set; }

    /// <summary>Whether either spelling says LIST.</summary>
    public bool IsList { get; set; }
}
