namespace Tracekit.Redis.Tests;

public sealed class ScriptErrorTextTests
{
    private const string Sha = "4c7743689284b40a3e052cdeb51f16ed101657e2";

    [Theory]
    [InlineData($"WRONGTYPE Operation against a key script: {Sha}, on @user_script:1.", "WRONGTYPE Operation against a key")]
    [InlineData($"OOM command not allowed when used memory > 'maxmemory'. script: {Sha}, on @user_script:57.", "OOM command not allowed when used memory > 'maxmemory'.")]
    [InlineData($"ERR user_script:1: own words script: {Sha}, on @user_script:1.", "ERR own words")]
    [InlineData("ERR Error compiling script (new function): user_script:1: '=' expected near 'is'", "ERR Error compiling script (new function): '=' expected near 'is'")]
    [InlineData($"ERR Error running script (call to f_{Sha}): @user_script:12: @user_script: 12: Wrong number of args", "ERR Wrong number of args")]
    [InlineData("WRONGPASS invalid username-password pair", "WRONGPASS invalid username-password pair")]
    [InlineData("", "")]
    public void The_reason_is_told_without_the_place_in_the_script(string text, string reason) => Assert.Equal(reason, ScriptErrorText.Reason(text));
}
