using System.Buffers;

namespace Tracekit.Trace.AccessLog;

/// <summary>Takes the request line of HTTP apart: <c>METHOD TARGET HTTP/1.1</c> (RFC 9112, section 3).</summary>
internal static class RequestLine
{
    private const int MaxMethodBytes = 32;

    /// <summary>What a token of HTTP is made of (RFC 9110, section 5.6.2).</summary>
    private static readonly SearchValues<byte> MethodCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Method and path; both null for what is no request line: a TLS handshake on a plain port, or nothing at all.</summary>
    public static (string? Method, string? Path) Split(ReadOnlySpan<byte> text)
    {
        var space = text.IndexOf((byte)' ');
        if (space <= 0 || space > MaxMethodBytes || text[..space].ContainsAnyExcept(MethodCharacters))
        {
            return (null, null);
        }

        var method = text[..space];
        var target = text[(space + 1)..];
        var last = target.LastIndexOf((byte)' ');
        if (last >= 0 && target[(last + 1)..].StartsWith("HTTP/"u8))
        {
            target = target[..last];
        }

        return method is [(byte)'-'] || target.IsEmpty || target is [(byte)'-'] ? (null, null) : (LogText.Unescape(method), PathOf(LogText.Unescape(target)));
    }

    /// <summary>The path of a target: without query and fragment, and of a whole URL without scheme, user and host.</summary>
    private static string PathOf(string target)
    {
        var end = target.AsSpan().IndexOfAny('?', '#');
        var path = end < 0 ? target : target[..end];
        var scheme = path.IndexOf("://", StringComparison.Ordinal);
        if (scheme > 0 && !path.StartsWith('/'))
        {
            var slash = path.IndexOf('/', scheme + 3);
            return slash < 0 ? "/" : path[slash..];
        }

        // host:port of a CONNECT, perhaps with a password in front.
        return path.StartsWith('/') ? path : path[(path.LastIndexOf('@') + 1)..];
    }
}
