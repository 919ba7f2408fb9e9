using System.Security.Cryptography.X509Certificates;
using Tracekit.Model;

namespace Tracekit.Redis;

/// <summary>Where the password came from. One on the command line is visible to every user of the machine: worth a warning.</summary>
public enum PasswordSource
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>The URL of a flag.</summary>
    Flag,

    /// <summary>The URL in <c>REDIS_URL</c>.</summary>
    Environment,

    /// <summary>A file.</summary>
    File,
}

/// <summary>Flags that name a Redis server; each may be absent. A flag beats its environment variable.</summary>
/// <param name="Url"><c>--redis</c>, else <c>REDIS_URL</c>, else <see cref="RedisEndpoint.DefaultUrl"/>.</param>
/// <param name="PasswordFile"><c>--redis-password-file</c>, else <c>REDIS_PASSWORD_FILE</c>.</param>
/// <param name="CaFile"><c>--redis-ca-file</c>, else <c>REDIS_CA_FILE</c>: the authorities that a <c>rediss://</c> server's certificate may be of, PEM.</param>
public readonly record struct RedisFlags(string? Url, string? PasswordFile = null, string? CaFile = null)
{
    /// <summary>The URL may hold a password: it is not told.</summary>
    public override string ToString() => nameof(RedisFlags);
}

/// <summary>
/// A Redis server and who we are to it. <c>redis://[user[:password]@]host[:port][/db]</c>, <c>rediss://</c> for TLS, and
/// <c>unix://[user[:password]@]/path[?db=n]</c>; user, password and path percent-encoded. The password leaves it for the login and is in no text.
/// </summary>
public sealed class RedisEndpoint
{
    /// <summary>The server when nothing is said.</summary>
    public const string DefaultUrl = "redis://127.0.0.1:6379/0";

    /// <summary>The environment variable for the URL.</summary>
    public const string UrlVariable = "REDIS_URL";

    /// <summary>The environment variable for the password file.</summary>
    public const string PasswordFileVariable = "REDIS_PASSWORD_FILE";

    /// <summary>The environment variable for the authorities' file.</summary>
    public const string CaFileVariable = "REDIS_CA_FILE";

    private const int LeastSecretToSeek = 4;

    private readonly RedisUrl _url;

    private RedisEndpoint(RedisUrl url, string? password, PasswordSource source, X509Certificate2Collection? authorities)
    {
        _url = url;
        Password = password;
        PasswordSource = source;
        Authorities = authorities;
    }

    /// <summary>The host, or null for a Unix socket.</summary>
    public string? Host => _url.Host;

    /// <summary>The port.</summary>
    public int Port => _url.Port;

    /// <summary>The path of a Unix socket, or null.</summary>
    public string? SocketPath => _url.SocketPath;

    /// <summary>The database.</summary>
    public int Database => _url.Database;

    /// <summary>The ACL user; null for the default one.</summary>
    public string? User => _url.User;

    /// <summary>True for TLS.</summary>
    public bool IsTls => _url.IsTls;

    /// <summary>Where the password came from.</summary>
    public PasswordSource PasswordSource { get; }

    /// <summary>The URL, complete, with <c>***</c> for the password.</summary>
    public string MaskedUrl => _url.Masked(Password is not null);

    /// <summary>The password.</summary>
    internal string? Password { get; }

    /// <summary>The authorities that the server's certificate may come from; null for the system's.</summary>
    internal X509Certificate2Collection? Authorities { get; }

    /// <summary>The endpoint that flags and environment name.</summary>
    /// <param name="flags">The flags.</param>
    /// <param name="environment">Environment variables: name → value or null.</param>
    /// <exception cref="UsageException">
    /// A malformed URL, a password file that cannot be used or that others may read, an authorities' file without certificates.
    /// </exception>
    public static RedisEndpoint Parse(RedisFlags flags, Func<string, string?> environment)
    {
        var fromEnvironment = NullIfEmpty(environment(UrlVariable));
        var where = flags.Url is not null ? "--redis" : fromEnvironment is not null ? UrlVariable : "the default URL";
        var url = RedisUrl.Parse(flags.Url ?? fromEnvironment ?? DefaultUrl, where, out var password);
        var source = password is null ? PasswordSource.None : flags.Url is not null ? PasswordSource.Flag : PasswordSource.Environment;
        if ((flags.PasswordFile ?? NullIfEmpty(environment(PasswordFileVariable))) is { } file)
        {
            if (source == PasswordSource.Flag && flags.PasswordFile is not null)
            {
                throw new UsageException("--redis holds a password and --redis-password-file names another: give one of them");
            }

            // A password on the flag beats a file that only the environment names.
            (password, source) = source == PasswordSource.Flag ? (password, source) : (Redis.PasswordFile.Read(file), PasswordSource.File);
        }

        if (password is null && url.User is not null)
        {
            throw new UsageException($"{where} names user {Printable.Line(url.User)} and no password: add --redis-password-file");
        }

        var ca = flags.CaFile ?? NullIfEmpty(environment(CaFileVariable));
        if (flags.CaFile is not null && !url.IsTls)
        {
            throw new UsageException($"--redis-ca-file is for TLS and {where} is not: use rediss://");
        }

        return new RedisEndpoint(url, password, source, ca is null || !url.IsTls ? null : RedisTls.ReadAuthorities(ca));
    }

    /// <summary>An endpoint from a URL alone.</summary>
    /// <exception cref="UsageException">It is malformed.</exception>
    public static RedisEndpoint Parse(string url) => Parse(new RedisFlags(url), _ => null);

    /// <summary><see cref="MaskedUrl"/>.</summary>
    public override string ToString() => MaskedUrl;

    /// <summary>A text from outside without the password, should it quote it.</summary>
    /// <remarks>A password of a few characters is found in any text; it is no secret, and its hiding would tell it.</remarks>
    internal string Redact(string text) =>
        Password is { Length: >= LeastSecretToSeek } ? text.Replace(Password, "***", StringComparison.Ordinal) : text;

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
