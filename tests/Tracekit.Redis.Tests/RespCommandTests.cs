using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Redis.Tests;

public sealed class RespCommandTests
{
    [Fact]
    public void A_command_is_an_array_of_bulks()
    {
        var command = new RespCommand("SET").Add("ключ").Add("a\r\n"u8).Add(-42).Add(0.5);

        Assert.Equal("*5\r\n$3\r\nSET\r\n$8\r\nключ\r\n$3\r\na\r\n\r\n$3\r\n-42\r\n$3\r\n0.5\r\n", Encoding.UTF8.GetString(command.Encoded));
        Assert.Equal(command.Encoded.Length, command.EncodedLength);
    }

    [Fact]
    public void A_command_started_again_keeps_its_name_and_takes_no_memory()
    {
        var command = Fill(Fill(RespCommand.Of("SET")).Restart()).Restart();
        var before = GC.GetAllocatedBytesForCurrentThread();

        Fill(command);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal("*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$19\r\n9223372036854775807\r\n$1\r\nv\r\n", Encoding.UTF8.GetString(command.Encoded));
    }

    [Fact]
    public void A_script_started_again_keeps_its_hash_and_number_of_keys()
    {
        var command = new RedisScript("one", "return 1").Command(keys: 1).Add("k").Restart().Add("l");

        Assert.Equal("*4\r\n$7\r\nEVALSHA\r\n$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n$1\r\n1\r\n$1\r\nl\r\n", Encoding.UTF8.GetString(command.Encoded));
        Assert.Equal("one", command.Name);
    }

    [Fact]
    public void Whatever_is_written_is_what_a_server_reads()
    {
        var arguments = Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf().ListOf().ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(arguments, list =>
        {
            var command = new RespCommand("X");
            list.ToList().ForEach(a => command.Add(a));
            ReadOnlySpan<byte> wire = command.Encoded;
            var isWhole = new RespDecoder(RespLimits.Default).TryRead(ref wire, "X", out var value);
            return isWhole && wire.IsEmpty && value.Items[1..].ToArray().Select(v => v.AsBytes().ToArray()).SequenceEqual(list, ByteArrays.Equality);
        }));
    }

    [Fact]
    public void A_command_beyond_the_limit_is_refused_by_name()
    {
        var command = RespCommand.Of("SET", "secret-key");

        var e = Assert.Throws<RedisException>(() => command.Add(new byte[RespCommand.MaxBytes]));

        Assert.StartsWith("SET: larger than", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    private static RespCommand Fill(RespCommand command) => command.Add("k").Add(long.MaxValue).Add("v"u8);

    private sealed class ByteArrays : IEqualityComparer<byte[]>
    {
        public static ByteArrays Equality { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => obj.Length;
    }
}
