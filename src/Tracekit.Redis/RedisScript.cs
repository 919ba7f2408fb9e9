using System.Security.Cryptography;
using System.Text;

namespace Tracekit.Redis;

/// <summary>
/// A Lua script that the server runs by its SHA-1. A call of it that the server answers with NOSCRIPT (restarted, SCRIPT FLUSH) loads the text and is
/// sent again: such a call was not executed, so that is safe; but in a pipeline it then runs after the calls behind it.
/// </summary>
public sealed class RedisScript
{
    /// <summary>A script.</summary>
    /// <param name="name">What errors call it.</param>
    /// <param name="text">Lua.</param>
    public RedisScript(string name, string text)
    {
        Name = name;
        Text = text;
        // SHA-1 is Redis's name for a script, no protection of anything.
#pragma warning disable CA5350
        Sha1 = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    /// <summary>What errors call it.</summary>
    public string Name { get; }

    /// <summary>Lua.</summary>
    public string Text { get; }

    /// <summary>SHA-1 of the text, 40 lower-case hex digits.</summary>
    public string Sha1 { get; }

    /// <summary>A call of it: add <paramref name="keys"/> keys, then the arguments.</summary>
    public RespCommand Command(int keys) => RespCommand.OfScript(this, keys);
}
