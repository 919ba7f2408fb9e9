using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Tracekit.Redis;

/// <summary>
/// A command in its form on the wire: an array of bulks. Not to be changed while a call with it runs; after that <see cref="Restart"/> makes it ready
/// for other arguments without taking memory again.
/// </summary>
/// <example><c>new RespCommand("HSET").Add("key").Add("field"u8).Add(42)</c></example>
public sealed class RespCommand
{
    /// <summary>Bytes of one command, all arguments.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Arguments of one command, its name included.</summary>
    public const int MaxArguments = 1024 * 1024;

    // "*1048576\r\n" stands right before the first argument, however many digits it has.
    private const int HeaderRoom = 16;
    private const int LongestNumber = 32;

    private byte[] _buffer;
    private int _end = HeaderRoom;
    private int _arguments;
    private int _prefixEnd;
    private int _prefixArguments;

    /// <summary>A command without arguments yet.</summary>
    public RespCommand(string name)
        : this(name, 128) => Add(name).KeepAsPrefix();

    private RespCommand(string label, int capacity)
    {
        Name = label;
        _buffer = new byte[HeaderRoom + capacity];
    }

    /// <summary>What errors call it: the command, or the name of the script.</summary>
    public string Name { get; }

    /// <summary>Bytes on the wire.</summary>
    public int EncodedLength => _end - HeaderRoom + 3 + DigitsOf(_arguments);

    /// <summary>The script that it runs by its hash, if any.</summary>
    internal RedisScript? Script { get; private init; }

    /// <summary>What goes over the wire.</summary>
    internal ReadOnlySpan<byte> Encoded
    {
        get
        {
            var start = HeaderRoom - 3 - DigitsOf(_arguments);
            _buffer[start] = (byte)'*';
            Utf8Formatter.TryFormat(_arguments, _buffer.AsSpan(start + 1), out _);
            "\r\n"u8.CopyTo(_buffer.AsSpan(HeaderRoom - 2));
            return _buffer.AsSpan(start, _end - start);
        }
    }

    /// <summary>A command with text arguments.</summary>
    public static RespCommand Of(string name, params ReadOnlySpan<string> arguments)
    {
        var command = new RespCommand(name);
        foreach (var argument in arguments)
        {
            command.Add(argument);
        }

        return command;
    }

    /// <summary>Adds bytes.</summary>
    public RespCommand Add(ReadOnlySpan<byte> argument)
    {
        var room = Open(argument.Length);
        argument.CopyTo(room);
        Close(argument.Length);
        return this;
    }

    /// <summary>Adds text, as UTF-8.</summary>
    public RespCommand Add(ReadOnlySpan<char> argument)
    {
        var length = Encoding.UTF8.GetByteCount(argument);
        Encoding.UTF8.GetBytes(argument, Open(length));
        Close(length);
        return this;
    }

    /// <summary>Adds text, as UTF-8.</summary>
    public RespCommand Add(string argument) => Add(argument.AsSpan());

    /// <summary>Adds a number, as its text.</summary>
    public RespCommand Add(long argument)
    {
        Span<byte> text = stackalloc byte[LongestNumber];
        Utf8Formatter.TryFormat(argument, text, out var length);
        return Add((ReadOnlySpan<byte>)text[..length]);
    }

    /// <summary>Adds a number, as the shortest text that reads back as it.</summary>
    public RespCommand Add(double argument)
    {
        Span<byte> text = stackalloc byte[LongestNumber];
        return argument.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture)
            ? Add((ReadOnlySpan<byte>)text[..length])
            : throw new ArgumentOutOfRangeException(nameof(argument));
    }

    /// <summary>Takes all arguments away; the name stays, and with a script its hash and number of keys.</summary>
    public RespCommand Restart()
    {
        _end = _prefixEnd;
        _arguments = _prefixArguments;
        return this;
    }

    /// <summary>The name; never the arguments, which may be secret.</summary>
    public override string ToString() => Name;

    /// <summary>EVALSHA of a script, without keys and arguments yet.</summary>
    internal static RespCommand OfScript(RedisScript script, int keys)
    {
        var command = new RespCommand(script.Name, 192) { Script = script };
        return command.Add("EVALSHA"u8).Add(script.Sha1).Add(keys).KeepAsPrefix();
    }

    private RespCommand KeepAsPrefix()
    {
        _prefixEnd = _end;
        _prefixArguments = _arguments;
        return this;
    }

    private Span<byte> Open(int length)
    {
        // '$', digits, CR LF, the bytes, CR LF.
        var needed = (long)_end + length + 5 + DigitsOf(length);
        if (needed > MaxBytes || _arguments == MaxArguments)
        {
            throw new RedisException($"{Name}: larger than {MaxBytes} bytes or {MaxArguments} arguments, which is the limit: send less at once");
        }

        if (needed > _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Max(needed, Math.Min(MaxBytes, 2L * _buffer.Length)));
        }

        _buffer[_end] = (byte)'$';
        Utf8Formatter.TryFormat(length, _buffer.AsSpan(_end + 1), out var digits);
        _end += 1 + digits;
        "\r\n"u8.CopyTo(_buffer.AsSpan(_end));
        _end += 2;
        return _buffer.AsSpan(_end, length);
    }

    private void Close(int length)
    {
        _end += length;
        "\r\n"u8.CopyTo(_buffer.AsSpan(_end));
        _end += 2;
        _arguments++;
    }

    private static int DigitsOf(int number)
    {
        var digits = 1;
        for (; number >= 10; number /= 10)
        {
            digits++;
        }

        return digits;
    }
}
