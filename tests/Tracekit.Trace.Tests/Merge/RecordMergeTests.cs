using System.Text.Json;
using Tracekit.Trace.Lines;
using Tracekit.Trace.Merge;

namespace Tracekit.Trace.Tests.Merge;

/// <summary>Joining files of records in time order.</summary>
public sealed class RecordMergeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Joining_files_is_sorting_all_of_their_lines() => Seeds.ForAll(60, random =>
    {
        var files = Enumerable.Range(0, random.Next(1, 6)).Select(f => RandomFile(random, f, displaced: 0)).ToList();

        var (lines, count) = Merge(files);

        Assert.Equal(Sorted(files), lines);
        Assert.Equal((lines.Count, 0), (count.Records, count.OutOfOrder));
    });

    [Fact]
    public void Lines_out_of_their_place_by_hundreds_are_put_there() => Seeds.ForAll(20, random =>
    {
        var files = Enumerable.Range(0, 3).Select(f => RandomFile(random, f, displaced: 200, most: 9000)).ToList();

        var (lines, count) = Merge(files);

        Assert.Equal(Sorted(files), lines);
        Assert.Equal(0, count.OutOfOrder);
    });

    [Fact]
    public void A_line_that_is_too_far_from_its_place_comes_late_is_counted_and_not_lost()
    {
        var file = Enumerable.Range(0, 50_000).Select(i => (Ms: 1000L + i, Id: i)).ToList();
        file.Add((1001, 99_999));

        var (lines, count) = Merge([file]);

        Assert.Equal((50_001, 1), (count.Records, count.OutOfOrder));
        Assert.Equal(file.Select(l => l.Id).Order(), lines.Select(l => l.Id).Order());
        Assert.True(lines.IndexOf((1001, 99_999)) > 40_000);
    }

    [Fact]
    public void Bad_lines_are_counted_long_lines_pass_and_records_without_a_time_stay_in_their_place()
    {
        var big = new string('x', 900_000);
        var a = _directory.Write("a", $"{{\"ts_ms\": 5, \"x\": \"{big}\"}}\n{{\"id\": 1}}\nno json\n\n{{\"ts_ms\": 9}}\n{{\"ts_ms\": 10, \"to");
        var b = _directory.Write("b", $"{{\"ts_ms\": 6, \"x\": \"{big}\"}}\n{{\"ts_ms\": 7, \"node\": \"own\"}}\n");
        using var output = new MemoryStream();

        var count = RecordMerge.Write([(a, new RecordLabel("a", null)), (b, new RecordLabel("b", null))], output, default);

        var lines = System.Text.Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["""{"ts_ms": 5, "x": "", "node": "a"}""", """{"id": 1, "node": "a"}""", """{"ts_ms": 6, "x": "", "node": "b"}""", """{"ts_ms": 7, "node": "own"}""", """{"ts_ms": 9, "node": "a"}"""],
            lines.Select(l => l.Replace(big, "", StringComparison.Ordinal)));
        var faulty = Assert.Single(count.Faulty);
        Assert.Equal((a, 1, 3, true), (faulty.File, faulty.BadLines, faulty.FirstBadLine, faulty.TornTail));
    }

    private static IEnumerable<(long Ms, int Id)> Sorted(IEnumerable<List<(long Ms, int Id)>> files) =>
        files.SelectMany((lines, file) => lines.Select(l => (l, file))).OrderBy(x => x.l.Ms).ThenBy(x => x.file).Select(x => x.l);

    private static List<(long Ms, int Id)> RandomFile(Random random, int file, int displaced, int most = 3000)
    {
        var ms = 1L;
        var lines = new List<(long Ms, int Id)>();
        for (var i = random.Next(most); i >= 0; i--)
        {
            lines.Add((ms += random.Next(3), (file * 1_000_000) + lines.Count));
        }

        // A time that is later by so much is one that stands too early by at most so many lines; equal times stay in file order.
        return displaced == 0 ? lines : [.. lines.Select((l, i) => (l, Place: i + random.Next(displaced))).OrderBy(x => x.Place).Select((x, i) => (x.l.Ms, (file * 1_000_000) + i))];
    }

    private (List<(long Ms, int Id)> Lines, RecordMergeCount Count) Merge(List<List<(long Ms, int Id)>> files)
    {
        var paths = files.Select((lines, i) => (
            _directory.Write($"{i}", string.Concat(lines.Select(l => $"{{\"ts_ms\": {l.Ms}, \"id\": {l.Id}}}\n"))), new RecordLabel($"n{i}", null))).ToList();
        using var output = new MemoryStream();
        var count = RecordMerge.Write(paths, output, default);
        var merged = new List<(long, int)>();
        foreach (var line in System.Text.Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
            var id = json.RootElement.GetProperty("id").GetInt32();
            merged.Add((json.RootElement.GetProperty("ts_ms").GetInt64(), id));
            Assert.Equal($"n{(id == 99_999 ? 0 : id / 1_000_000)}", json.RootElement.GetProperty("node").GetString());
        }

        return (merged, count);
    }
}
