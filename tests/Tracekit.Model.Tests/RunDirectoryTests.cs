namespace Tracekit.Model.Tests;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_directory_with_node_meta_is_a_node()
    {
        _directory.Write("node_meta.json", "{}");

        Assert.Equal(_directory.Path, Assert.Single(RunDirectory.NodesOf(_directory.Path)).Path);
    }

    [Fact]
    public void A_directory_of_node_directories_stands_for_all_of_them_in_order()
    {
        _directory.Write("b/node_meta.json", "{}");
        _directory.Write("a/node_meta.json", "{}");
        _directory.Write("c/other", "");

        Assert.Equal(["a", "b"], RunDirectory.NodesOf(_directory.Path).Select(n => Path.GetFileName(n.Path)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nowhere")]
    public void Anything_else_is_refused(string name) => Assert.Throws<UsageException>(() => RunDirectory.NodesOf(Path.Combine(_directory.Path, name)));

    [Fact]
    public void Sources_of_invocations_are_all_but_the_merged_file()
    {
        _directory.Write("events.jsonl", "");
        _directory.Write("events.ffmpeg.jsonl", "");
        _directory.Write("events.123.jsonl", "");

        Assert.Equal(["events.123.jsonl", "events.ffmpeg.jsonl"], new RunDirectory(_directory.Path).EventSources().Select(f => Path.GetFileName(f)));
    }

    [Theory]
    [InlineData(2033, 24105, 2000, 24576)]
    [InlineData(2050, 511, 2100, 1024)]
    [InlineData(0, 0, 0, 0)]
    public void Like_machines_compare_equal(int mhz, long memMb, int roundedMhz, long roundedMemMb)
    {
        var node = CtsNode.From(new NodeMeta { Node = "n", CpuFreqMhz = mhz, MemMb = memMb });

        Assert.Equal((roundedMhz, roundedMemMb), (node.CpuFreqMhz, node.MemMb));
    }

    [Fact]
    public void A_file_that_could_not_be_written_whole_is_not_there()
    {
        var path = _directory.Write("f", "old");

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, s =>
        {
            s.Write("half"u8);
            throw new InvalidOperationException();
        }));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_told_by_its_name()
    {
        var error = Assert.Throws<TracekitException>(() => AtomicFile.Write("/proc/nowhere", "x"u8.ToArray()));

        Assert.StartsWith("/proc/nowhere: cannot write: ", error.Message, StringComparison.Ordinal);
    }
}
