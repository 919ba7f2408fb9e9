namespace Tracekit.Redis;

/// <summary>Commands on their way out.</summary>
internal sealed class OutputBuffer
{
    // What a burst made larger is given back, so that an idle link keeps little.
    private const int KeptBytes = 256 * 1024;

    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Append(ReadOnlySpan<byte> command)
    {
        if (Length + command.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, Length + command.Length));
        }

        command.CopyTo(_bytes.AsSpan(Length));
        Length += command.Length;
    }

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptBytes)
        {
            _bytes = new byte[4096];
        }
    }
}
