using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Redis.Tests;

/// <summary>Random replies, and what a server would send for them.</summary>
internal static class ReplyTree
{
    public static Gen<RespValue> Of(int depth)
    {
        var bytes = Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf();
        var line = Gen.Choose(32, 126).Select(i => (byte)i).ArrayOf();
        var leaf = Gen.OneOf(
            Gen.Constant(RespValue.Null()),
            Gen.Choose(int.MinValue, int.MaxValue).Select(i => RespValue.Number((long)i * i * Math.Sign(i))),
            bytes.Select(b => RespValue.Bulk(b)),
            line.Select(b => RespValue.Simple(b)),
            line.Select(b => RespValue.Error(b)));
        return depth == 0 ? leaf : Gen.OneOf(leaf, Of(depth - 1).ArrayOf().Select(items => RespValue.Array(items)));
    }

    public static byte[] Encode(RespValue value) => value.Kind switch
    {
        RespKind.Null => "$-1\r\n"u8.ToArray(),
        RespKind.Number => Encoding.ASCII.GetBytes($":{value.AsInt64()}\r\n"),
        RespKind.Simple => [(byte)'+', .. value.RawBytes, .. "\r\n"u8],
        RespKind.Error => [(byte)'-', .. value.RawBytes, .. "\r\n"u8],
        RespKind.Bulk => [.. Encoding.ASCII.GetBytes($"${value.RawBytes.Length}\r\n"), .. value.RawBytes, .. "\r\n"u8],
        _ => [.. Encoding.ASCII.GetBytes($"*{value.Count}\r\n"), .. value.Items.ToArray().SelectMany(Encode)],
    };
}
