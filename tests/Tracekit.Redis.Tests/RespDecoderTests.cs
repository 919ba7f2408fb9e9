using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Redis.Tests;

public sealed class RespDecoderTests
{
    [Theory]
    [InlineData("+OK\r\n", "+OK")]
    [InlineData("+\r\n", "+")]
    [InlineData("-ERR no\r\n", "-ERR no")]
    [InlineData(":0\r\n", ":0")]
    [InlineData(":-9223372036854775808\r\n", ":-9223372036854775808")]
    [InlineData("$-1\r\n", "null")]
    [InlineData("*-1\r\n", "null")]
    [InlineData("$0\r\n\r\n", "$")]
    [InlineData("$4\r\na\r\nb\r\n", "$a\r\nb")]
    [InlineData("*0\r\n", "[]")]
    [InlineData("*3\r\n:1\r\n*1\r\n$1\r\nx\r\n*0\r\n", "[:1 [$x] []]")]
    public void Every_type_is_read_also_byte_by_byte(string wire, string expected)
    {
        Assert.Equal(expected, Text(Assert.Single(Read(Encoding.UTF8.GetBytes(wire), wire.Length, RespLimits.Default))));
        Assert.Equal(expected, Text(Assert.Single(Read(Encoding.UTF8.GetBytes(wire), 1, RespLimits.Default))));
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "HTTP server")]
    [InlineData("<html>", "HTTP server")]
    [InlineData("SSH-2.0-OpenSSH\r\n", "SSH server")]
    [InlineData("\u0015\u0003\u0003", "TLS")]
    [InlineData("%1\r\n", "RESP3")]
    [InlineData("\0", "byte 0x00")]
    [InlineData("+OK\n", "does not end as RESP lines do")]
    [InlineData(":\r\n", "a line that does not end|a number that is none")]
    [InlineData(":1x\r\n", "a number that is none")]
    [InlineData(":9223372036854775808\r\n", "a number that is none")]
    [InlineData("$-2\r\n", "a bulk of -2 bytes")]
    [InlineData("$1\r\nxyz", "longer than it says")]
    [InlineData("*-2\r\n", "an array of -2 items")]
    [InlineData("*1\r\nHello\r\n", "HTTP server")]
    public void What_is_no_RESP_is_refused_in_one_line_that_says_what_it_looks_like(string wire, string expected)
    {
        var bytes = Encoding.Latin1.GetBytes(wire);
        foreach (var piece in new[] { bytes.Length, 1 })
        {
            var e = Assert.Throws<RespFormatException>(() => Read(bytes, piece, RespLimits.Default));
            Assert.Contains(expected.Split('|'), x => e.Message.Contains(x, StringComparison.Ordinal));
            Assert.DoesNotContain('\n', e.Message);
        }
    }

    [Theory]
    [InlineData("$101\r\n", "the limit is 100")]
    [InlineData("$99999999999\r\n", "the limit is 100")]
    [InlineData("*11\r\n", "the limit is 10")]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n", "more than 3 deep")]
    [InlineData("*10\r\n*10\r\n", "a reply of more than 400 bytes")]
    [InlineData("+1234567890123456789012345678901234567890123456789012345678901234567890", "a line of more than 64 bytes")]
    public void A_limit_is_checked_when_the_length_is_announced(string wire, string expected)
    {
        var limits = new RespLimits { MaxBulkBytes = 100, MaxArrayItems = 10, MaxDepth = 3, MaxLineBytes = 64, MaxReplyBytes = 400 };
        var bytes = Encoding.ASCII.GetBytes(wire);
        Assert.Contains(expected, Assert.Throws<RespFormatException>(() => Read(bytes, bytes.Length, limits)).Message, StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Throws<RespFormatException>(() => Read(bytes, 1, limits)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_announced_takes_no_memory_before_it_comes()
    {
        var decoder = new RespDecoder(RespLimits.Default);
        ReadOnlySpan<byte> wire = "*1000000\r\n*1000000\r\n*1000000\r\n$60000000\r\nabc"u8;
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(decoder.TryRead(ref wire, "GET", out _));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        Assert.True(decoder.IsInReply);
    }

    [Fact]
    public void Reading_numbers_and_OK_allocates_nothing()
    {
        var decoder = new RespDecoder(RespLimits.Default);
        byte[] wire = [.. Enumerable.Repeat("+OK\r\n:42\r\n$-1\r\n"u8.ToArray(), 1000).SelectMany(b => b)];
        Drain(decoder, wire[..15]);
        Drain(decoder, wire);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Drain(decoder, wire);

        // "+OK" is handed out as one shared array.
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Whatever_is_written_is_read_back_wherever_it_is_cut()
    {
        var replies = ReplyTree.Of(3).NonEmptyListOf().ToArbitrary();
        var seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(replies, seeds, (values, seed) =>
        {
            var wire = values.SelectMany(ReplyTree.Encode).ToArray();
            var read = Read(wire, new Random(seed), RespLimits.Default);
            return values.Select(Text).SequenceEqual(read.Select(Text));
        }));
    }

    [Fact]
    public void Garbage_is_refused_or_waited_for_and_nothing_else()
    {
        var bytes = Gen.Elements("+-:$*0123456789\r\nOK\r\n$-1\r\n*2\r\n\0\u00ffabc".ToCharArray()).ListOf().ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(bytes, text =>
        {
            try
            {
                Read([.. text.Select(c => (byte)c)], 3, RespLimits.Default);
            }
            catch (RespFormatException)
            {
            }
        }));
    }

    internal static string Text(RespValue value) => value.Kind switch
    {
        RespKind.Null => "null",
        RespKind.Number => $":{value.AsInt64()}",
        RespKind.Simple => "+" + value.AsText(),
        RespKind.Bulk => "$" + Encoding.Latin1.GetString(value.AsBytes().Span),
        RespKind.Error => "-" + Encoding.UTF8.GetString(value.RawBytes),
        _ => "[" + string.Join(' ', value.Items.ToArray().Select(Text)) + "]",
    };

    private static List<RespValue> Read(byte[] wire, int pieceLength, RespLimits limits) =>
        Read(wire.Chunk(Math.Max(1, pieceLength)), limits);

    private static List<RespValue> Read(byte[] wire, Random random, RespLimits limits)
    {
        var pieces = new List<byte[]>();
        for (var at = 0; at < wire.Length;)
        {
            var length = Math.Min(wire.Length - at, random.Next(0, 9));
            pieces.Add(wire[at..(at + length)]);
            at += length;
        }

        return Read(pieces, limits);
    }

    private static List<RespValue> Read(IEnumerable<byte[]> pieces, RespLimits limits)
    {
        var decoder = new RespDecoder(limits);
        var values = new List<RespValue>();
        foreach (var piece in pieces)
        {
            ReadOnlySpan<byte> input = piece;
            while (decoder.TryRead(ref input, "TEST", out var value))
            {
                values.Add(value);
            }

            Assert.True(input.IsEmpty);
        }

        return values;
    }

    private static void Drain(RespDecoder decoder, byte[] wire)
    {
        ReadOnlySpan<byte> input = wire;
        while (decoder.TryRead(ref input, "TEST", out _))
        {
        }
    }
}
