using System.Buffers;
using System.Globalization;
using Tracekit.Model;

namespace Tracekit.Redis;

/// <summary>The parts of a Redis URL, the password apart. No error quotes any part of the text: in a malformed URL anything may be the password.</summary>
internal sealed record RedisUrl(string? Host, int Port, string? SocketPath, int Database, string? User, bool IsTls)
{
    public const int DefaultPort = 6379;

    /// <summary>The highest database number; a server has 16 unless told otherwise.</summary>
    public const int MaxDatabase = 65535;

    private const int MaxLength = 2048;
    private const int MaxSocketPathBytes = 107;
    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("abcdefABCDEF0123456789:.");

    public string Masked(bool hasPassword)
    {
        var user = User is null ? "" : Uri.EscapeDataString(User);
        var login = hasPassword ? $"{user}:***@" : user.Length > 0 ? $"{user}@" : "";
        if (SocketPath is not null)
        {
            return $"unix://{login}{Printable.Line(SocketPath)}?db={Database}";
        }

        var host = Host!.Contains(':') ? $"[{Host}]" : Host;
        return $"{(IsTls ? "rediss" : "redis")}://{login}{host}:{Port}/{Database}";
    }

    /// <summary>The parts of a URL.</summary>
    /// <param name="text">The URL.</param>
    /// <param name="where">The flag or variable that it stands in.</param>
    /// <param name="password">The password in it.</param>
    public static RedisUrl Parse(string text, string where, out string? password)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var kind = scheme < 0 ? "" : text[..scheme].ToLowerInvariant();
        Require(kind is "redis" or "rediss" or "unix", where, "it must start with redis://, rediss:// or unix://");
        Require(text.Length <= MaxLength, where, $"it is longer than {MaxLength} characters");
        Require(!text.AsSpan().ContainsAnyInRange('\0', ' '), where, "it holds a space or control character: percent-encode it");
        var rest = text[(scheme + 3)..];
        Require(!rest.Contains('#'), where, "it holds a '#': percent-encode it as %23");
        var pathAt = rest.IndexOf('/');
        var authority = pathAt < 0 ? rest : rest[..pathAt];
        var path = pathAt < 0 ? "" : rest[pathAt..];
        Require(!path.Contains('@'), where, "a '/' in user or password must be percent-encoded as %2F");
        var at = authority.LastIndexOf('@');
        var (user, secret) = at < 0 ? (null, null) : Login(authority[..at], where);
        password = secret;
        var target = authority[(at + 1)..];
        if (kind == "unix")
        {
            return Unix(target, path, user, where);
        }

        var (host, port) = HostAndPort(target, where);
        return new RedisUrl(host, port, null, path is "" or "/" ? 0 : DatabaseOf(path[1..], where), user, kind == "rediss");
    }

    private static RedisUrl Unix(string target, string path, string? user, string where)
    {
        Require(target.Length == 0 && path.Length > 1, where, "after unix:// comes the socket's path from the root, as in unix:///run/redis.sock");
        var query = path.IndexOf('?');
        var database = 0;
        if (query >= 0)
        {
            Require(path.AsSpan(query).StartsWith("?db="), where, "the only thing that may follow '?' is db=<number>");
            database = DatabaseOf(path[(query + 4)..], where);
            path = path[..query];
        }

        var socket = Decode(path, where);
        Require(System.Text.Encoding.UTF8.GetByteCount(socket) <= MaxSocketPathBytes, where, $"the socket's path is longer than {MaxSocketPathBytes} bytes");
        return new RedisUrl(null, 0, socket, database, user, IsTls: false);
    }

    private static (string? User, string? Password) Login(string login, string where)
    {
        var colon = login.IndexOf(':');
        var user = Decode(colon < 0 ? login : login[..colon], where);
        var password = colon < 0 ? "" : Decode(login[(colon + 1)..], where);
        Require(!user.AsSpan().ContainsAnyInRange('\0', ' '), where, "the user name holds a space or control character");
        return (user.Length == 0 ? null : user, password.Length == 0 ? null : password);
    }

    private static (string Host, int Port) HostAndPort(string target, string where)
    {
        var bracket = target.StartsWith('[') ? target.IndexOf(']') : -1;
        var colon = target.IndexOf(':', Math.Max(bracket, 0));
        var host = colon < 0 ? target : target[..colon];
        if (bracket > 0)
        {
            Require(host.Length == bracket + 1, where, "nothing but a port may follow an address in brackets");
            host = host[1..^1];
        }

        Require(host.Length > 0, where, "the host is missing, as in redis://127.0.0.1:6379");
        Require(!host.AsSpan().ContainsAnyExcept(bracket > 0 ? AddressCharacters : HostCharacters), where, "the host is no host name or address");
        var port = DefaultPort;
        Require(
            colon < 0 || (int.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535),
            where,
            "the port must be a number from 1 to 65535");
        return (host, port);
    }

    private static int DatabaseOf(string text, string where)
    {
        Require(
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var database) && database <= MaxDatabase,
            where,
            $"the database must be a number from 0 to {MaxDatabase}");
        return database;
    }

    private static string Decode(string text, string where)
    {
        for (var i = text.IndexOf('%'); i >= 0; i = text.IndexOf('%', i + 3))
        {
            var isEncoded = i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]);
            Require(isEncoded, where, "a '%' must be followed by two hex digits (%25 for itself)");
            if (i + 3 >= text.Length)
            {
                break;
            }
        }

        var decoded = Uri.UnescapeDataString(text);
        Require(!decoded.Contains('\0'), where, "it holds a zero byte");
        return decoded;
    }

    private static void Require(bool isSo, string where, string message)
    {
        if (!isSo)
        {
            throw new UsageException($"{where} is no Redis URL: {message}");
        }
    }
}
