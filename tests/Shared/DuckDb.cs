using System.Diagnostics;
using System.Text.Json;
using Tracekit.Tests;

namespace Tracekit.Tests;

/// <summary>DuckDB in a process of its own: a reader and writer of Parquet that shares no code with ours.</summary>
internal static class DuckDb
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "duckdb");

    /// <summary>Runs statements, each of which ends its line with a semicolon; gives types and rows of the last.</summary>
    public static DuckDbResult Query(string sql)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
        {
            throw new InvalidOperationException($"DuckDB is not installed: run `npm ci` in {Path.GetFullPath(Folder)}");
        }

        var start = new ProcessStartInfo("node", ["query.mjs"])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(sql);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"DuckDB: {error.Result}\nin: {sql}");
        return new DuckDbResult(JsonDocument.Parse(output).RootElement);
    }
}

/// <summary>What a query gave, as <c>query.mjs</c> prints it.</summary>
internal sealed class DuckDbResult(JsonElement root)
{
    public IReadOnlyList<string> Types => [.. root.GetProperty("types").EnumerateObject().Select(type => $"{type.Name}:{type.Value.GetString()}")];

    public IReadOnlyList<JsonElement> Rows => [.. root.GetProperty("rows").EnumerateArray()];

    /// <summary>A column as JSON text, null as "null".</summary>
    public IReadOnlyList<string> Column(string name) => [.. Rows.Select(row => row.GetProperty(name).GetRawText())];
}
