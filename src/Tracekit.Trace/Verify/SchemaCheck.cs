using Tracekit.Parquet;

namespace Tracekit.Trace.Verify;

/// <summary>Compares the columns of a file with the contract.</summary>
internal static class SchemaCheck
{
    /// <summary>Notes what differs; returns the table of columns for people.</summary>
    public static VerifyFile Check(string file, ParquetReader reader, IReadOnlyList<ParquetColumn> expected, FaultList faults)
    {
        var columns = new List<VerifyColumn>();
        foreach (var want in expected)
        {
            var isThere = reader.Schema.TryFind(want.Name, out var found);
            if (isThere)
            {
                Compare(file, found!, want, faults);
            }
            else if (!want.IsOptional)
            {
                faults.Error("missing_column", "required columns are missing", () => $"{file}: {want.Name} {ExpectedColumns.Describe(want)}");
            }

            if (isThere || !want.IsOptional)
            {
                columns.Add(new VerifyColumn(want.Name, found is null ? "-" : ExpectedColumns.Describe(found), ExpectedColumns.Describe(want)));
            }
        }

        foreach (var extra in reader.Schema.Columns.Where(c => !expected.Any(e => e.Name == c.Name)))
        {
            faults.Notice("other_column", "columns are beyond the current schema and were not looked at", () => $"{file}: {Printable.Line(extra.Name)} {ExpectedColumns.Describe(extra)}");
            columns.Add(new VerifyColumn(Printable.Line(extra.Name), ExpectedColumns.Describe(extra), "-"));
        }

        return new VerifyFile(file, reader.RowCount, columns);
    }

    private static void Compare(string file, ParquetColumn found, ParquetColumn want, FaultList faults)
    {
        string Example() => $"{file}: {want.Name} is {ExpectedColumns.Describe(found)}, now {ExpectedColumns.Describe(want)}";
        if (found.IsList != want.IsList || !IsReadableAs(found, want))
        {
            faults.Error("column_type", "columns have a type that stands for something else", Example);
        }
        else if (found.Type != want.Type || !MeansTheSame(found, want))
        {
            faults.Notice("older_schema", "columns are spelled as in an older schema", Example);
        }
        else if (!want.IsOptional && found.Repetition != Repetition.Required)
        {
            faults.Notice("optional_column", "required columns are declared OPTIONAL", Example);
        }
    }

    /// <summary>True when the values can be taken for what is wanted: any number for a number, text for an id.</summary>
    private static bool IsReadableAs(ParquetColumn found, ParquetColumn want) =>
        found.Type == want.Type
        || (want.Name == "id" && found.Type == PhysicalType.ByteArray)
        || (NumberColumn.Reads(found) && want.Type is PhysicalType.Int32 or PhysicalType.Int64 && found.Type is PhysicalType.Int32 or PhysicalType.Int64)
        || (NumberColumn.Reads(found) && want.Type == PhysicalType.Double);

    /// <summary>
    /// Times count in ms; a plain INT64 is taken for ms. Signedness and width annotations of the same type change nothing.
    /// </summary>
    private static bool MeansTheSame(ParquetColumn found, ParquetColumn want) =>
        want.Logical == LogicalKind.None
            ? found.Logical is LogicalKind.None or LogicalKind.SignedInteger
            : found.Logical == want.Logical && found.IsAdjustedToUtc == want.IsAdjustedToUtc;
}
