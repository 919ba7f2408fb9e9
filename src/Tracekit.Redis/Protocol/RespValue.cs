using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Tracekit.Model;

namespace Tracekit.Redis;

/// <summary>
/// A reply, or a value in one. What is asked for as another type than it is throws a one-line error that names the command. An error that stands
/// inside an array (EXEC) throws as <see cref="RedisServerException"/> when it is read.
/// </summary>
public readonly struct RespValue
{
    /// <summary>Bytes of memory that a value takes, without its content.</summary>
    internal const int Size = 32;

    private static readonly byte[] Ok = "OK"u8.ToArray();

    // Of an array RespValue[]; of a simple, error and bulk value byte[].
    private readonly object? _content;
    private readonly long _number;
    private readonly string? _command;

    private RespValue(RespKind kind, object? content, long number, string? command)
    {
        Kind = kind;
        _content = content;
        _number = number;
        _command = command;
    }

    /// <summary>Its type.</summary>
    public RespKind Kind { get; }

    /// <summary>True for a missing value.</summary>
    public bool IsNull => Kind == RespKind.Null;

    /// <summary>True for an error.</summary>
    public bool IsError => Kind == RespKind.Error;

    /// <summary>The items of an array; empty for a null.</summary>
    public ReadOnlySpan<RespValue> Items => IsNull ? default : (RespValue[])Content(RespKind.Array, "an array");

    /// <summary>How many items an array has; 0 for a null.</summary>
    public int Count => Items.Length;

    /// <summary>The bytes of a simple, bulk or error value, whatever it is; empty for others.</summary>
    internal ReadOnlySpan<byte> RawBytes => _content as byte[];

    private string Command => _command ?? "a reply";

    /// <summary>An item of an array.</summary>
    public RespValue this[int index]
    {
        get
        {
            var items = Items;
            return (uint)index < (uint)items.Length ? items[index] : throw new RedisException($"{Command}: item {index} expected, got {Describe()}");
        }
    }

    /// <summary>A missing value.</summary>
    public static RespValue Null(string? command = null) => new(RespKind.Null, null, 0, command);

    /// <summary>A number.</summary>
    public static RespValue Number(long value, string? command = null) => new(RespKind.Number, null, value, command);

    /// <summary>Bytes; the array is kept, not copied.</summary>
    public static RespValue Bulk(byte[] bytes, string? command = null) => new(RespKind.Bulk, bytes, 0, command);

    /// <summary>A status line.</summary>
    public static RespValue Simple(ReadOnlySpan<byte> text, string? command = null) =>
        new(RespKind.Simple, text.SequenceEqual(Ok) ? Ok : text.ToArray(), 0, command);

    /// <summary>An error: code and text.</summary>
    public static RespValue Error(ReadOnlySpan<byte> text, string? command = null) => new(RespKind.Error, text.ToArray(), 0, command);

    /// <summary>Values; the array is kept, not copied.</summary>
    public static RespValue Array(RespValue[] items, string? command = null) => new(RespKind.Array, items, 0, command);

    /// <summary>A number, or a bulk or status that is the text of one.</summary>
    public long AsInt64()
    {
        if (Kind == RespKind.Number)
        {
            return _number;
        }

        var text = Bytes("a number");
        return Utf8Parser.TryParse(text, out long value, out var used) && used == text.Length && used > 0 ? value : throw Unexpected("a number");
    }

    /// <summary>A number as an int.</summary>
    public int AsInt32() => AsInt64() is >= int.MinValue and <= int.MaxValue and var value ? (int)value : throw Unexpected("a 32-bit number");

    /// <summary>A number, or the text of one with or without a fraction.</summary>
    public double AsDouble() => Kind == RespKind.Number
        ? _number
        : double.TryParse(Bytes("a number"), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw Unexpected("a number");

    /// <summary>True for 1, false for 0.</summary>
    public bool AsBoolean() => AsInt64() switch { 0 => false, 1 => true, _ => throw Unexpected("0 or 1") };

    /// <summary>A bulk or status as text (UTF-8).</summary>
    public string AsText() => Encoding.UTF8.GetString(Bytes("text"));

    /// <summary>A bulk or status as text, or null for a missing one.</summary>
    public string? AsTextOrNull() => IsNull ? null : AsText();

    /// <summary>The bytes of a bulk or status.</summary>
    public ReadOnlyMemory<byte> AsBytes()
    {
        _ = Bytes("bytes");
        return (byte[])_content!;
    }

    /// <summary>Fails unless it is <c>+OK</c>.</summary>
    public void AssertOk()
    {
        if (!Bytes("OK").SequenceEqual(Ok))
        {
            throw Unexpected("OK");
        }
    }

    /// <summary>Its type and size; never its content, which may be a secret.</summary>
    public override string ToString() => Describe();

    private ReadOnlySpan<byte> Bytes(string expected) =>
        Kind is RespKind.Bulk or RespKind.Simple ? (byte[])_content! : throw Unexpected(expected);

    private object Content(RespKind kind, string expected) => Kind == kind ? _content! : throw Unexpected(expected);

    private RedisException Unexpected(string expected) => IsError
        ? RedisServerException.Of(Command, RawBytes)
        : new RedisException($"{Printable.Line(Command)}: {expected} expected, got {Describe()}: is the key used by another program?");

    private string Describe() => Kind switch
    {
        RespKind.Null => "nothing",
        RespKind.Simple => $"a status of {RawBytes.Length} bytes",
        RespKind.Error => $"error {RedisErrorCode.Of(RawBytes)}",
        RespKind.Number => "a number",
        RespKind.Bulk => $"a bulk of {RawBytes.Length} bytes",
        _ => $"an array of {((RespValue[])_content!).Length}",
    };
}
