namespace Tracekit.Parquet.Writing;

/// <summary>Which levels, values and rows of a column chunk make a page.</summary>
internal readonly record struct PageRange(int LevelStart, int LevelEnd, int ValueStart, int ValueEnd, int Rows)
{
    public int Levels => LevelEnd - LevelStart;

    public int Values => ValueEnd - ValueStart;

    public int Nulls => Levels - Values;

    /// <summary>The page that follows one: as many whole rows as the limits allow, and at least one.</summary>
    public static PageRange After(PageRange last, ColumnBuffer buffer, ValueDictionary? dictionary, ParquetWriterOptions options)
    {
        var (level, value) = (last.LevelEnd, last.ValueEnd);
        var valueLimit = dictionary is null
            ? buffer.Values.CountThatFit(value, options.PageBytes)
            : (int)Math.Max(1, Math.Min(int.MaxValue, options.PageBytes * 8L / dictionary.BitWidth));
        if (!buffer.HasDefinitions)
        {
            var count = Math.Min(buffer.Levels - level, Math.Min(valueLimit, options.PageLevels));
            return new PageRange(level, level + count, value, value + count, count);
        }

        return WithLevels(level, value, valueLimit, buffer, options.PageLevels);
    }

    private static PageRange WithLevels(int level, int value, int valueLimit, ColumnBuffer buffer, int levelLimit)
    {
        var definitions = buffer.Definitions.Items;
        var repetitions = buffer.HasRepetitions ? buffer.Repetitions.Items : default;
        var (end, valueEnd, rows) = (level, value, 0);
        for (; end < definitions.Length; end++)
        {
            if (repetitions.IsEmpty || repetitions[end] == 0)
            {
                // With no value left to come, nulls fill the page up to the limit of levels.
                var isFullOfValues = valueEnd - value >= valueLimit && valueEnd < buffer.Values.Count;
                var full = end - level >= levelLimit || isFullOfValues;
                if (full && end > level)
                {
                    break;
                }

                rows++;
            }

            valueEnd += definitions[end] == buffer.Shape.MaxDefinition ? 1 : 0;
        }

        return new PageRange(level, end, value, valueEnd, rows);
    }
}
