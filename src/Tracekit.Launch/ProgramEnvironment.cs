using System.Collections;

namespace Tracekit.Launch;

/// <summary>The environment of a program: ours, and what it is given beside.</summary>
internal static class ProgramEnvironment
{
    /// <summary>As <c>NAME=value</c>; an added variable replaces ours.</summary>
    public static IReadOnlyCollection<string> With(IReadOnlyDictionary<string, string> added)
    {
        var all = new Dictionary<string, string>();
        foreach (DictionaryEntry ours in Environment.GetEnvironmentVariables())
        {
            all[(string)ours.Key] = (string?)ours.Value ?? "";
        }

        foreach (var (name, value) in added)
        {
            all[name] = value;
        }

        return [.. all.Select(v => $"{v.Key}={v.Value}")];
    }
}
