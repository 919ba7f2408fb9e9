using FsCheck;
using FsCheck.Fluent;
using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Tasks;

public sealed class ProfileFileTests
{
    [Fact]
    public void The_built_in_profiles_are_those_of_the_contract()
    {
        var lines = ProfileSet.BuiltIn.Names.Select(name => Describe(ProfileSet.BuiltIn, name));

        Assert.Equal(
            [
                "default 1280:720 h264 veryfast 28, 1 units, + threads",
                "fast1080p 1920:1080 h264 fast 28, 2 units, 2+2 threads",
                "hevc1080p 1920:1080 hevc medium 28, 4 units, 4+4 threads",
                "light1c 854:480 h264 veryfast 28, 1 units, 1+1 threads",
                "medium480p 854:480 h264 medium 28, 2 units, 2+2 threads",
            ],
            lines);
    }

    [Fact]
    public void An_entry_overrides_the_fields_that_it_gives_of_a_built_in_profile() =>
        Assert.Equal("fast1080p 1920:1080 h264 fast 30, 3 units, 2+2 threads", Describe(Parse("fast1080p: {crf: 30, cpu_units: 3}"), "fast1080p"));

    [Fact]
    public void A_new_profile_takes_what_it_leaves_out_from_the_default()
    {
        var profiles = Parse("""
            tiny:
              scale: "320:-2"
              preset: ultrafast
              vthreads: 1
              fthreads: 1
              cpuset: 0-1
              cpu_quota: 50.5
              cpu_weight: 10
            """);

        Assert.Equal("tiny 320:-2 h264 ultrafast 28, 1 units, 1+1 threads", Describe(profiles, "tiny"));
        Assert.True(profiles.TryGet("tiny", out var tiny));
        Assert.Equal(("0-1", 50.5, 10), (tiny.Cpuset, tiny.CpuQuota, tiny.CpuWeight));
    }

    [Fact]
    public void Every_fault_is_told_with_its_line()
    {
        var error = Assert.Throws<UsageException>(() => Parse("""
            tiny:
              scale: 320
              crf: many
              colour: red
            fast1080p:
              preset: quick
              cpuset: [0, 1]
            other: 5
            "a b": {}
            """));

        Assert.Equal(
            "p.yaml:2: profile tiny: scale '320' is not W:H in pixels (1 to 16384; one of them may be -1 or -2); " +
            "p.yaml:3: profile tiny: crf 'many' is no number; " +
            "p.yaml:4: profile tiny: no field 'colour'; there are scale, vcodec, preset, crf, vthreads, fthreads, cpu_units, cpuset, cpu_quota, cpu_weight; " +
            "p.yaml:6: profile fast1080p: preset 'quick' is none of ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow, placebo; " +
            "p.yaml:7: profile fast1080p: cpuset must be one value; " +
            "p.yaml:8: profile other: expected a map of fields; " +
            "p.yaml:9: profile name 'a b': use letters, digits, '.', '_' or '-'",
            error.Message);
    }

    [Theory]
    [InlineData("", "p.yaml:1: expected one map")]
    [InlineData("- a", "p.yaml:1: expected one map")]
    [InlineData("a: {}\n---\nb: {}", "p.yaml:1: expected one map")]
    [InlineData("tiny: {crf: 1\ntiny2: 5", "p.yaml:1: no YAML: ")]
    [InlineData("tiny: 'x", "p.yaml:1: ")]
    [InlineData("tiny: {crf: 1}\ntiny: {crf: 2}", "p.yaml:2: ")]
    [InlineData("a: &x {crf: 1}\nb: *x", "p.yaml:1: anchors and aliases are not read here")]
    [InlineData("a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}", "p.yaml:1: nested deeper than 8 levels")]
    public void What_is_no_profiles_file_is_refused(string yaml, string message) =>
        Assert.StartsWith(message, Assert.Throws<UsageException>(() => Parse(yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_hundred_thousand_brackets_are_refused_and_overflow_no_stack() =>
        Assert.Contains("nested deeper", Assert.Throws<UsageException>(() => Parse(new string('[', 100_000))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_list_of_a_million_is_refused() =>
        Assert.Contains("more than 100000 values", Assert.Throws<UsageException>(() => Parse("a: [" + string.Concat(Enumerable.Repeat("1,", 150_000)) + "]")).Message, StringComparison.Ordinal);

    [Fact]
    public void Text_from_a_random_walk_is_read_or_refused_and_nothing_else()
    {
        var words = Gen.Elements("a", ": ", "{", "}", "[", "]", "\n", "  ", "- ", "'", "\"", "&x ", "*x", "!!int ", "#", "|", ">", "?", "---\n", "...\n", "%YAML 1.2\n", "crf", ": 1", ",", "\t", "\0");
        var texts = words.ListOf().Select(w => string.Concat(w)).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(texts, text => Record.Exception(() => Parse(text)) is null or UsageException));
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.StartsWith("/nowhere/p.yaml: cannot read the profiles: ", Assert.Throws<UsageException>(() => ProfileFile.Load("/nowhere/p.yaml", ProfileSet.BuiltIn)).Message, StringComparison.Ordinal);

    private static ProfileSet Parse(string yaml) => ProfileFile.Parse(yaml, "p.yaml", ProfileSet.BuiltIn);

    private static string Describe(ProfileSet profiles, string name)
    {
        Assert.True(profiles.TryGet(name, out var p));
        return $"{p.Name} {p.Scale} {p.Vcodec} {p.Preset} {p.Crf}, {p.CpuUnits} units, {p.Vthreads}+{p.Fthreads} threads";
    }
}
