using System.Text;
using Tracekit.Trace.Lines;

namespace Tracekit.Trace.Tests.Lines;

public sealed class ChunkReaderTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_missing_file_has_no_lines()
    {
        using var reader = new ChunkReader(_path + ".none");

        Assert.Equal(0, reader.Read(new byte[16], out _));
    }

    [Fact]
    public void A_line_that_is_too_long_is_skipped_and_counted_once()
    {
        File.WriteAllText(_path, "one\n" + new string('x', 100) + "\ntwo\n");

        var (text, tooLong) = ReadAll(bufferBytes: 16);

        Assert.Equal("one\ntwo\n", text);
        Assert.Equal(1, tooLong);
    }

    [Fact]
    public void Pieces_end_at_line_ends_and_hold_every_line_at_its_offset() => Seeds.ForAll(300, random =>
    {
        const int BufferBytes = 32;
        var lines = Enumerable.Range(0, random.Next(30)).Select(_ => new string((char)('a' + random.Next(26)), random.Next(45))).ToArray();
        var content = string.Join('\n', lines) + (random.Next(2) == 0 ? "\n" : "");
        File.WriteAllText(_path, content);

        var (text, tooLong) = ReadAll(BufferBytes);

        var all = content.Split('\n');
        var expected = all.Where(l => l.Length < BufferBytes).ToArray();
        Assert.Equal(expected.Where(l => l.Length > 0), text.Split('\n').Where(l => l.Length > 0));
        Assert.Equal(all.Count(l => l.Length >= BufferBytes), tooLong);
    });

    private (string Text, long TooLong) ReadAll(int bufferBytes)
    {
        using var reader = new ChunkReader(_path);
        var buffer = new byte[bufferBytes];
        var text = new StringBuilder();
        var whole = File.ReadAllBytes(_path);
        while (reader.Read(buffer, out var offset) is > 0 and var length)
        {
            Assert.True(whole.AsSpan((int)offset, length).SequenceEqual(buffer.AsSpan(0, length)), $"offset {offset}");
            Assert.True(buffer[length - 1] == '\n' || offset + length == whole.Length);
            text.Append(Encoding.UTF8.GetString(buffer, 0, length));
        }

        return (text.ToString(), reader.TooLongLines);
    }
}
