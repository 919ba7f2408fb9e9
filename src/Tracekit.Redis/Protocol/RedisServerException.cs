using System.Text;
using Tracekit.Model;

namespace Tracekit.Redis;

/// <summary>The server answered a command with an error.</summary>
public sealed class RedisServerException : RedisException
{
    private RedisServerException(string code, string message)
        : base(message) => Code = code;

    /// <summary>The first word of the error, such as <c>WRONGTYPE</c>; <c>ERR</c> where the server gives no other. See <see cref="RedisErrorCode"/>.</summary>
    public string Code { get; }

    /// <summary>The exception for an error reply.</summary>
    /// <param name="where">The command, and the masked URL where it is known.</param>
    /// <param name="text">The error reply, UTF-8, without its <c>-</c>.</param>
    internal static RedisServerException Of(string where, ReadOnlySpan<byte> text)
    {
        var code = RedisErrorCode.Of(text);
        var advice = RedisErrorCode.Advice(code);
        return new RedisServerException(code, $"{where}: {Printable.Line(ScriptErrorText.Reason(Encoding.UTF8.GetString(text)))}{(advice.Length > 0 ? ": " : "")}{advice}");
    }

    /// <summary>The exception for an error reply whose text must not be shown, because it may quote what we sent.</summary>
    internal static RedisServerException Untold(string where, string code)
    {
        var advice = RedisErrorCode.Advice(code);
        return new RedisServerException(code, $"{where}: the server answers {code}: {(advice.Length > 0 ? advice : "check user and password")}");
    }
}
