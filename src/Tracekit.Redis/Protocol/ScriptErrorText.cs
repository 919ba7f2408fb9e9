using System.Text.RegularExpressions;

namespace Tracekit.Redis;

/// <summary>
/// What a failed script says, without where in which text it failed: that is Redis's SHA-1 of the script and a line number in it, which tell a user nothing.
/// </summary>
/// <remarks>
/// Redis 7 puts <c> script: SHA1, on @user_script:LINE.</c> behind the reason; Redis 6 <c>Error running script (call to f_SHA1): @user_script:LINE:</c> before it;
/// Lua itself <c>user_script:LINE:</c> before it. See <c>luaCallFunction</c> in Redis's script_lua.c.
/// </remarks>
internal static partial class ScriptErrorText
{
    /// <summary>The reason alone.</summary>
    /// <param name="text">An error reply, of a script or any command.</param>
    public static string Reason(string text) => Behind().Replace(Before().Replace(text, ""), "");

    [GeneratedRegex(@"Error running script \(call to [^)]*\): |@?user_script: ?\d+: ?", RegexOptions.CultureInvariant)]
    private static partial Regex Before();

    [GeneratedRegex(@",? script: [0-9A-Za-z_]+, on @?user_script:\d+\.?$", RegexOptions.CultureInvariant)]
    private static partial Regex Behind();
}
