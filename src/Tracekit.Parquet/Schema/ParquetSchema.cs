using System.Diagnostics.CodeAnalysis;

namespace Tracekit.Parquet;

/// <summary>The columns of a file, in order, with names that differ.</summary>
public sealed class ParquetSchema
{
    private readonly Dictionary<string, int> _byName;

    /// <summary>A schema of these columns.</summary>
    /// <exception cref="ArgumentException">Two columns have one name.</exception>
    public ParquetSchema(params IReadOnlyList<ParquetColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        Columns = [.. columns];
        _byName = new Dictionary<string, int>(columns.Count, StringComparer.Ordinal);
        for (var i = 0; i < Columns.Count; i++)
        {
            if (!_byName.TryAdd(Columns[i].Name, i))
            {
                throw new ArgumentException($"two columns are named '{Columns[i].Name}'", nameof(columns));
            }
        }
    }

    /// <summary>The columns in order.</summary>
    public IReadOnlyList<ParquetColumn> Columns { get; }

    /// <summary>The column of that name, if there is one. Names are case-sensitive.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out ParquetColumn? column)
    {
        column = _byName.TryGetValue(name, out var index) ? Columns[index] : null;
        return column is not null;
    }

    /// <summary>Whether there is a column of that name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>The place of the column of that name, or -1.</summary>
    public int IndexOf(string name) => _byName.TryGetValue(name, out var index) ? index : -1;
}
