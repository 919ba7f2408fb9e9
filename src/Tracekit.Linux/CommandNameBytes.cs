using System.Runtime.CompilerServices;
using System.Text;

namespace Tracekit.Linux;

/// <summary>A command name as the kernel keeps it (TASK_COMM_LEN: 16 bytes with the closing NUL), without an object of its own.</summary>
[InlineArray(Size)]
public struct CommandNameBytes
{
    /// <summary>Bytes, with the closing NUL.</summary>
    public const int Size = 16;

    private byte _first;

    /// <summary>Takes the bytes up to the first NUL.</summary>
    public static CommandNameBytes Of(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)0);
        var name = end < 0 ? text : text[..end];
        CommandNameBytes bytes = default;
        name[..Math.Min(name.Length, Size - 1)].CopyTo(bytes);
        return bytes;
    }

    /// <summary>As text; bytes that are no UTF-8 become U+FFFD.</summary>
    public override readonly string ToString()
    {
        ReadOnlySpan<byte> bytes = this;
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
