using FsCheck;
using FsCheck.Fluent;
using Tracekit.Parquet.Codecs;

namespace Tracekit.Parquet.Tests.Encodings;

public sealed class SnappyDecoderTests
{
    [Fact]
    public void What_another_encoder_writes_is_decoded() =>
        Prop.ForAll(Arb.From(Bytes()), Decodes).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Theory]
    [InlineData(new byte[] { 3, 2 << 2, 1, 2, 3 }, new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { 6, 0, 7, 1 | (1 << 2), 1 }, new byte[] { 7, 7, 7, 7, 7, 7 })]
    [InlineData(new byte[] { 5, 1 << 2, 1, 2, 2 | (2 << 2), 2, 0 }, new byte[] { 1, 2, 1, 2, 1 })]
    [InlineData(new byte[] { 4, 1 << 2, 1, 2, 3 | (1 << 2), 2, 0, 0, 0 }, new byte[] { 1, 2, 1, 2 })]
    [InlineData(new byte[] { 2, 60 << 2, 1, 1, 2 }, new byte[] { 1, 2 })]
    [InlineData(new byte[] { 2, 63 << 2, 1, 0, 0, 0, 1, 2 }, new byte[] { 1, 2 })]
    [InlineData(new byte[] { 0 }, new byte[] { })]
    public void Elements_of_every_kind_are_decoded(byte[] compressed, byte[] expected) =>
        Assert.Equal(expected, Decode(compressed, expected.Length));

    [Theory]
    [InlineData(new byte[] { }, 0)]
    [InlineData(new byte[] { 3, 2 << 2, 1, 2, 3 }, 4)]
    [InlineData(new byte[] { 3, 2 << 2, 1, 2 }, 3)]
    [InlineData(new byte[] { 3, 1 << 2, 1, 2 }, 3)]
    [InlineData(new byte[] { 2, 2 << 2, 1, 2, 3 }, 2)]
    [InlineData(new byte[] { 4, 1, 1 }, 4)]
    [InlineData(new byte[] { 5, 0, 7, 1, 2 }, 5)]
    [InlineData(new byte[] { 5, 0, 7, 1, 0 }, 5)]
    [InlineData(new byte[] { 5, 0, 7, 1 | (4 << 2), 1 }, 5)]
    [InlineData(new byte[] { 5, 0, 7, 2, 1 }, 5)]
    [InlineData(new byte[] { 5, 63 << 2, 255, 255, 255, 255 }, 5)]
    [InlineData(new byte[] { 5, 0, 7, 3, 255, 255, 255, 255 }, 5)]
    public void Damage_is_corrupt(byte[] compressed, int length) => Assert.Throws<CorruptDataException>(() => Decode(compressed, length));

    private static void Decodes(byte[] data) => Assert.Equal(data, Decode(IronSnappy.Snappy.Encode(data), data.Length));

    private static byte[] Decode(byte[] compressed, int length)
    {
        var into = new byte[length];
        SnappyDecoder.Decode(compressed, into);
        return into;
    }

    private static Gen<byte[]> Bytes() =>
        from pieces in Gen.Zip(Gen.Choose(0, 255), Gen.Elements(1, 1, 3, 70, 5000)).ListOf()
        from repeat in Gen.Choose(1, 3)
        let bytes = pieces.SelectMany(piece => Enumerable.Repeat((byte)piece.Item1, piece.Item2))
        select Enumerable.Repeat(bytes, repeat).SelectMany(piece => piece).ToArray();
}
