using System.CommandLine;
using System.Globalization;
using Tracekit.Model;

namespace Tracekit.Cli.Options;

/// <summary>
/// A flag that an environment variable stands in for: the flag beats the variable, which beats the default. Where the contracts name no
/// variable, it is the flag's name in capitals behind <c>TRACEKIT_</c>. A bad value is told in one line that names where it came from.
/// </summary>
internal static class Flag
{
    /// <summary>Text, or null.</summary>
    public static Option<string?> Text(string name, string help, string? variable = null) =>
        Of(name, help, variable, (string?)null, "TEXT", (text, _) => text);

    /// <summary>Text with a default.</summary>
    public static Option<string> TextOr(string name, string byDefault, string help, string? variable = null) =>
        Of(name, help, variable, byDefault, "TEXT", (text, _) => text);

    /// <summary>A path, or null.</summary>
    public static Option<string?> Path(string name, string help, string? variable = null) =>
        Of(name, help, variable, (string?)null, "PATH", NotEmpty);

    /// <summary>A path with a default.</summary>
    public static Option<string> PathOr(string name, string byDefault, string help, string? variable = null) =>
        Of(name, help, variable, byDefault, "PATH", NotEmpty);

    /// <summary>One of several words.</summary>
    public static Option<string> Choice(string name, string byDefault, string[] choices, string help, string? variable = null) =>
        Of(name, $"{help}: {string.Join(", ", choices.Select(c => c.Length == 0 ? "\"\"" : c))}", variable, byDefault, "WORD", (text, source) => choices.Contains(text)
            ? text
            : throw new UsageException($"{source} '{Printable.Line(text)}': use one of {string.Join(", ", choices.Where(c => c.Length > 0))}"));

    /// <summary>A whole number in a range.</summary>
    public static Option<int> Whole(string name, int byDefault, int least, int greatest, string help, string? variable = null) =>
        Of(name, help, variable, byDefault, "N", (text, source) => WholeNumber(text, source, least, greatest));

    /// <summary>A whole number in a range, or null.</summary>
    public static Option<int?> WholeOrNone(string name, int least, int greatest, string help, string? variable = null) =>
        Of(name, help, variable, (int?)null, "N", (text, source) => (int?)WholeNumber(text, source, least, greatest));

    /// <summary>A number in a range.</summary>
    public static Option<double> Number(string name, double byDefault, double least, double greatest, string help, string? variable = null) =>
        Of(name, help, variable, byDefault, "X", (text, source) => RealNumber(text, source, least, greatest));

    /// <summary>Milliseconds since the epoch, or null.</summary>
    public static Option<long?> TimeMs(string name, string help, string? variable = null) =>
        Of(name, help, variable, (long?)null, "MS", (text, source) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
            ? (long?)ms
            : throw new UsageException($"{source} '{Printable.Line(text)}': give milliseconds since the Unix epoch"));

    /// <summary>A switch.</summary>
    public static Option<bool> Switch(string name, string help) => new(name) { Description = help };

    /// <summary>A switch that a variable stands in for, and that takes 0 or 1 (also no, yes, off, on, false, true); null when nobody says.</summary>
    public static Option<bool?> OnOff(string name, string help, string variable)
    {
        var option = Of(name, help, variable, (bool?)null, "0|1", (text, source) => text switch
        {
            "" or "1" or "yes" or "on" or "true" => (bool?)true,
            "0" or "no" or "off" or "false" => false,
            _ => throw new UsageException($"{source} '{Printable.Line(text)}': use 0 or 1"),
        });
        option.Arity = ArgumentArity.ZeroOrOne;
        return option;
    }

    /// <summary>Paths or texts, one each time the flag is given.</summary>
    public static Option<string[]> Several(string name, string help, string valueName) => new(name)
    {
        Description = $"{help}; may be given again",
        HelpName = valueName,
        DefaultValueFactory = _ => [],
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>The variable that stands in for a flag.</summary>
    public static string VariableOf(string name) => "TRACEKIT_" + name.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    private static Option<T> Of<T>(string name, string help, string? variable, T byDefault, string valueName, Func<string, string, T> parse)
    {
        variable ??= VariableOf(name);
        return new Option<T>(name)
        {
            Description = variable.StartsWith("TRACEKIT_", StringComparison.Ordinal) ? help : $"{help} [env: {variable}]",
            HelpName = valueName,
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? parse(text, variable) : byDefault,
            CustomParser = result => parse(result.Tokens.Count > 0 ? result.Tokens[^1].Value : "", name),
        };
    }

    private static string NotEmpty(string text, string source) => text.Length > 0 && !text.Contains('\0')
        ? text
        : throw new UsageException($"{source}: the path is empty");

    private static int WholeNumber(string text, string source, int least, int greatest) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= greatest
            ? number
            : throw new UsageException($"{source} '{Printable.Line(text)}': give a whole number from {least} to {greatest}");

    private static double RealNumber(string text, string source, double least, double greatest) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= greatest
            ? number
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{source} '{Printable.Line(text)}': give a number from {least} to {greatest}"));
}
