using System.Text;

namespace Tracekit.Redis;

/// <summary>The first words of Redis's error replies, and what each means: the one place that decides what is waited out and what is fatal.</summary>
public static class RedisErrorCode
{
    /// <summary>Any error without a code of its own.</summary>
    public const string Other = "ERR";

    /// <summary>User or password is wrong.</summary>
    public const string WrongPass = "WRONGPASS";

    /// <summary>A password is needed and none was given.</summary>
    public const string NoAuth = "NOAUTH";

    /// <summary>The ACL user may not run this command or touch this key.</summary>
    public const string NoPerm = "NOPERM";

    /// <summary>A write was sent to a replica.</summary>
    public const string ReadOnly = "READONLY";

    /// <summary><c>maxmemory</c> is reached.</summary>
    public const string OutOfMemory = "OOM";

    /// <summary>EVALSHA of a script that the server does not have.</summary>
    public const string NoScript = "NOSCRIPT";

    /// <summary>The key holds another type.</summary>
    public const string WrongType = "WRONGTYPE";

    /// <summary>The server is reading its data set from disk.</summary>
    public const string Loading = "LOADING";

    /// <summary>A replica that lost its master and may not serve stale data.</summary>
    public const string MasterDown = "MASTERDOWN";

    /// <summary>The server asks for the command again, later.</summary>
    public const string TryAgain = "TRYAGAIN";

    /// <summary>A script has been running for longer than <c>busy-reply-threshold</c>.</summary>
    public const string Busy = "BUSY";

    /// <summary>The server ended a blocking command because it became a replica.</summary>
    public const string Unblocked = "UNBLOCKED";

    private const int MaxCodeLength = 32;

    /// <summary>The code of an error reply.</summary>
    /// <param name="text">The reply, UTF-8, without its <c>-</c>.</param>
    public static string Of(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)' ');
        var word = end < 0 ? text : text[..end];
        if (word.Length is 0 or > MaxCodeLength || word.ContainsAnyExceptInRange((byte)'A', (byte)'Z'))
        {
            return Other;
        }

        return word.SequenceEqual("NOSCRIPT"u8) ? NoScript : Encoding.ASCII.GetString(word);
    }

    /// <summary>True when the server refused the command for now, without running it: it is sent again after a while.</summary>
    public static bool IsTransient(string code) => code is Loading or MasterDown or TryAgain or Busy or Unblocked;

    /// <summary>True when connecting again with the same URL and password gives the same answer.</summary>
    public static bool IsFatalAtConnect(string code) => !IsTransient(code);

    /// <summary>What to do about it, or nothing.</summary>
    public static string Advice(string code) => code switch
    {
        WrongPass => "check user and password (--redis, REDIS_URL, --redis-password-file)",
        NoAuth => "give a password with --redis-password-file or in REDIS_URL",
        NoPerm => "grant the ACL user this command and these keys, or name another user",
        ReadOnly => "this server is a replica, give the address of its master",
        OutOfMemory => "raise maxmemory or remove keys",
        WrongType => "another program uses this key for something else, give Tracekit a database of its own",
        Loading or MasterDown or TryAgain or Busy or Unblocked => "wait and try again",
        _ => "",
    };
}
