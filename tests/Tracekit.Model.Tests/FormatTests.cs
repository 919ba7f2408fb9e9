using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Model.Tests;

public sealed class FormatTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "0.000001")]
    [InlineData(1_000_000, "1")]
    [InlineData(1_500_000, "1.5")]
    [InlineData(123_456_789, "123.456789")]
    [InlineData(100_100_000, "100.1")]
    public void A_windows_cpu_time_is_in_ms_with_no_more_decimals_than_needed(long cpuNs, string ms) =>
        Assert.Equal(
            $"{{\"ts_ms\": 5, \"pid\": 7, \"dt_ms\": 2, \"cpu_ms\": {ms}, \"rss_kb\": 3}}\n",
            Text(new CpuWindow(5, 7, 2, cpuNs, 3)));

    [Fact]
    public void A_sample_without_a_clock_has_the_older_tools_fields_only() =>
        Assert.Equal("{\"ts_ms\": 1, \"pid\": 2, \"rss_kb\": 3, \"utime\": 4, \"stime\": 5}\n", Text(new ProcessSample(1, 2, 3, 4, 5)));

    [Fact]
    public void Every_sample_is_a_json_object_that_holds_what_went_in()
    {
        var property = Prop.ForAll(Longs(6).ToArbitrary(), v =>
        {
            var sample = new ProcessSample(v[0], (int)(v[1] % int.MaxValue), v[2], v[3], v[4], v[5], v[0] / 3, SampleKind.Exit);
            using var json = JsonDocument.Parse(Text(sample));
            var root = json.RootElement;
            return root.GetProperty("ts_ms").GetInt64() == sample.TsMs
                && root.GetProperty("pid").GetInt32() == sample.Pid
                && root.GetProperty("rss_kb").GetInt64() == sample.RssKb
                && root.GetProperty("utime").GetInt64() == sample.UtimeTicks
                && root.GetProperty("stime").GetInt64() == sample.StimeTicks
                && root.GetProperty("cpu_ns").GetInt64() == sample.CpuNs
                && root.GetProperty("kind").GetString() == "exit"
                && (sample.ChildrenCpuNs == 0) == !root.TryGetProperty("children_cpu_ns", out _);
        });
        Check.QuickThrowOnFailure(property);
    }

    [Fact]
    public void Every_window_keeps_its_nanoseconds()
    {
        var property = Prop.ForAll(Longs(3).ToArbitrary(), v =>
        {
            var window = new CpuWindow(v[0], 1, 200, v[1] % 1_000_000_000_000_000, 9, v[2] % 1_000_000_000_000, 0, SampleKind.Tick);
            using var json = JsonDocument.Parse(Text(window));
            return json.RootElement.GetProperty("cpu_ms").GetDecimal() * 1_000_000 == window.CpuNs
                && (window.ChildrenCpuNs == 0 || json.RootElement.GetProperty("children_cpu_ms").GetDecimal() * 1_000_000 == window.ChildrenCpuNs);
        });
        Check.QuickThrowOnFailure(property);
    }

    private static Gen<long[]> Longs(int count) => Gen.ArrayOf(
        Gen.OneOf(Gen.Choose(0, 1000).Select(i => (long)i), Gen.Choose(0, int.MaxValue).Select(i => i * 1_000_003L), Gen.Constant(long.MaxValue)), count);

    private static string Text(in ProcessSample sample)
    {
        var buffer = new byte[ProcessSample.MaxFormattedBytes];
        return Encoding.UTF8.GetString(buffer.AsSpan(0, sample.Format(buffer)));
    }

    private static string Text(in CpuWindow window)
    {
        var buffer = new byte[CpuWindow.MaxFormattedBytes];
        return Encoding.UTF8.GetString(buffer.AsSpan(0, window.Format(buffer)));
    }
}
