namespace Tracekit.Linux;

/// <summary>One interface in <c>/proc/net/dev</c> (proc_pid_net(5)).</summary>
/// <param name="RxBytes">Bytes received since the interface was made.</param>
/// <param name="TxBytes">Bytes sent.</param>
public readonly record struct ProcNetDev(long RxBytes, long TxBytes)
{
    /// <summary>Finds an interface by name in the text of the file; false when it is not there.</summary>
    public static bool TryFind(ReadOnlySpan<byte> text, ReadOnlySpan<byte> iface, out ProcNetDev counters)
    {
        counters = default;
        while (!text.IsEmpty && !iface.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = (end < 0 ? text : text[..end]).TrimStart((byte)' ');

            // A large counter may follow the colon without a space, and the name of an alias has a colon itself.
            if (line.Length > iface.Length && line.StartsWith(iface) && line[iface.Length] == (byte)':')
            {
                var fields = new ProcText(line[(iface.Length + 1)..]);
                if (fields.Number(out var rx) && fields.Skip(7) && fields.Number(out var tx) && rx >= 0 && tx >= 0)
                {
                    counters = new ProcNetDev(rx, tx);
                    return true;
                }
            }

            text = end < 0 ? default : text[(end + 1)..];
        }

        return false;
    }
}
