using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Parquet.Tests.RoundTrip;

/// <summary>Random tables: any columns, values at the edges and values that repeat, layouts with tiny pages and row groups.</summary>
internal static class TestTables
{
    private static readonly Gen<object> Integers32 =
        Gen.OneOf(Gen.Elements(0, 1, -1, int.MinValue, int.MaxValue), Gen.Choose(int.MinValue, int.MaxValue), Gen.Choose(0, 3))
            .Select(value => (object)value);

    private static readonly Gen<object> Integers64 =
        Gen.OneOf(Gen.Elements(0L, 1L, -1L, long.MinValue, long.MaxValue), ArbMap.Default.GeneratorFor<long>())
            .Select(value => (object)value);

    private static readonly Gen<object> Doubles =
        Gen.OneOf(
            Gen.Elements(0.0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue),
            Gen.Choose(-1000, 1000).Select(value => value / 8.0)).Select(value => (object)value);

    private static readonly Gen<object> Floats =
        Gen.OneOf(
            Gen.Elements(0f, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, float.MaxValue),
            Gen.Choose(-1000, 1000).Select(value => value / 8f)).Select(value => (object)value);

    private static readonly Gen<object> Texts =
        Gen.OneOf(
            Gen.Elements("", "a", "añb", "日本語", "👩‍🚀", "\0", new string('x', 300)),
            Gen.Choose(0, 9999).Select(value => $"task-{value}"))
            .Select(value => (object)value);

    private static readonly Gen<object> Booleans = Gen.Elements(true, false).Select(value => (object)value);

    public static Arbitrary<TestTable> Any { get; } = Arb.From(
        from rows in Gen.Frequency((1, Gen.Choose(0, 2)), (4, Gen.Choose(3, 150)))
        from width in Gen.Choose(1, 5)
        from columns in Gen.CollectToArray(Enumerable.Range(0, width), place => Column($"c{place}", rows))
        from options in Options
        select new TestTable(columns, options));

    private static Gen<ParquetWriterOptions> Options { get; } =
        from compression in Gen.Elements(Enum.GetValues<Compression>())
        from pageBytes in Gen.Elements(1, 16, 100, 1 << 20)
        from pageLevels in Gen.Elements(1, 7, 64, 1 << 18)
        from rowGroupRows in Gen.Elements(1, 10, 64, 1 << 20)
        from dictionaryBytes in Gen.Elements(0, 8, 64, 1 << 20)
        from isV2 in Gen.Elements(true, false)
        select new ParquetWriterOptions
        {
            Compression = compression,
            PageBytes = pageBytes,
            PageLevels = pageLevels,
            RowGroupRows = rowGroupRows,
            DictionaryBytes = dictionaryBytes,
            DataPageV2 = isV2,
        };

    private static Gen<TestColumn> Column(string name, int rows) =>
        from optional in Gen.Elements(true, false)
        from kind in Gen.Elements(
            (ParquetColumn.Boolean(name, optional), Booleans),
            (ParquetColumn.Int32(name, optional), Integers32),
            (ParquetColumn.Int64(name, optional), Integers64),
            (ParquetColumn.TimestampMillisUtc(name, optional), Integers64),
            (ParquetColumn.TimestampMicrosUtc(name, optional), Integers64),
            (ParquetColumn.Single(name, optional), Floats),
            (ParquetColumn.Double(name, optional), Doubles),
            (ParquetColumn.Utf8(name, optional), Texts),
            (ParquetColumn.Binary(name, optional), Texts),
            (ParquetColumn.Int32List(name, optional), Integers32),
            (ParquetColumn.Int32List(name, optional, elementOptional: false), Integers32),
            (ParquetColumn.Int64List(name, optional), Integers64),
            (ParquetColumn.DoubleList(name, optional), Doubles))
        from values in Rows(kind.Item1, kind.Item2, rows)
        select new TestColumn(kind.Item1, values);

    private static Gen<object?[]> Rows(ParquetColumn column, Gen<object> values, int rows)
    {
        var row = column.IsList
            ? OrNull(OrNull(values, column.ElementIsOptional).ArrayOf().Resize(6).Select(list => (object)list), column.IsOptional)
            : OrNull(values, column.IsOptional);
        var distinct = Gen.ArrayOf(row, rows);
        var repeating =
            from runs in Gen.ArrayOf(Gen.Zip(row, Gen.Elements(1, 2, 9, 40)), rows)
            select runs.SelectMany(run => Enumerable.Repeat(run.Item1, run.Item2)).Take(rows).ToArray();
        return Gen.OneOf(distinct, repeating);
    }

    private static Gen<object?> OrNull(Gen<object> values, bool isOptional)
    {
        var present = values.Select(value => (object?)value);
        return isOptional ? Gen.Frequency((1, Gen.Constant<object?>(null)), (3, present)) : present;
    }
}
