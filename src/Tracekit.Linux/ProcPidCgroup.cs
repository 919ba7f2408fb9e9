namespace Tracekit.Linux;

/// <summary>What <c>/proc/&lt;pid&gt;/cgroup</c> says (cgroups(7)): lines <c>HIERARCHY:CONTROLLERS:PATH</c>, of version 2 <c>0::PATH</c>.</summary>
public static class ProcPidCgroup
{
    /// <summary>True when the text names <paramref name="group"/> or a group below it.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="controllers">The second field of the hierarchy, or one controller in it; empty for version 2.</param>
    /// <param name="group">The path in the hierarchy, for example <c>/batch/a</c>.</param>
    public static bool IsIn(ReadOnlySpan<byte> text, ReadOnlySpan<byte> controllers, ReadOnlySpan<byte> group)
    {
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            var first = line.IndexOf((byte)':');
            var second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)':');
            if (second >= 0 && Has(line.Slice(first + 1, second), controllers) && IsBelow(line[(first + second + 2)..], group))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(ReadOnlySpan<byte> list, ReadOnlySpan<byte> wanted)
    {
        if (wanted.IsEmpty)
        {
            return list.IsEmpty;
        }

        while (true)
        {
            var comma = list.IndexOf((byte)',');
            if ((comma < 0 ? list : list[..comma]).SequenceEqual(wanted))
            {
                return true;
            }

            if (comma < 0)
            {
                return false;
            }

            list = list[(comma + 1)..];
        }
    }

    private static bool IsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> group) =>
        group is [(byte)'/'] ? path.StartsWith(group)
        : path.StartsWith(group) && (path.Length == group.Length || path[group.Length] == '/');
}
