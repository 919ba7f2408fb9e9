using System.Globalization;
using Tracekit.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Tracekit.Schedule;

/// <summary>
/// Profiles in a YAML file: a map from name to the fields of <see cref="Profile"/> (<c>scale, vcodec, preset, crf, vthreads, fthreads, cpu_units,
/// cpuset, cpu_quota, cpu_weight</c>). What an entry leaves out it takes from the built-in profile of the same name, else from the default one.
/// </summary>
public static class ProfileFile
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MaxFileBytes = 1024 * 1024;

    /// <summary>The most profiles of a file.</summary>
    public const int MaxProfiles = 1000;

    /// <summary>The most faults that an error lists.</summary>
    public const int MaxFaultsShown = 20;

    /// <summary>Reads <paramref name="path"/> and returns <paramref name="builtIn"/> with the file's profiles in place.</summary>
    /// <exception cref="UsageException">It is missing, or says what cannot be: every fault as <c>file:line: …</c>, in one line.</exception>
    public static ProfileSet Load(string path, ProfileSet builtIn)
    {
        try
        {
            var length = new FileInfo(path).Length;
            return length <= MaxFileBytes
                ? Parse(File.ReadAllText(path), path, builtIn)
                : throw new UsageException($"{path}: {length} bytes; a profiles file has at most {MaxFileBytes}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: cannot read the profiles: {e.Message}");
        }
    }

    /// <summary>Reads YAML text; <paramref name="path"/> names it in errors.</summary>
    /// <exception cref="UsageException">As with <see cref="Load"/>.</exception>
    public static ProfileSet Parse(string yaml, string path, ProfileSet builtIn)
    {
        var faults = new FaultList(path);
        List<Profile> profiles = [];
        if (Root(yaml, faults) is { } root)
        {
            foreach (var (key, value) in root.Children.Take(MaxProfiles))
            {
                if (Entry(key, value, builtIn, faults) is { } profile)
                {
                    profiles.Add(profile);
                }
            }

            faults.AddWhen(root.Children.Count > MaxProfiles, root, $"more than {MaxProfiles} profiles");
        }

        faults.ThrowIfAny();
        return builtIn.With(profiles);
    }

    private static YamlMappingNode? Root(string yaml, FaultList faults)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new LimitedYaml(new Parser(new StringReader(yaml))));
            if (stream.Documents is [{ RootNode: YamlMappingNode root }])
            {
                return root;
            }

            faults.Add(1, "expected one map from profile names to their fields");
        }
        catch (YamlException e)
        {
            faults.Add(e.Start.Line, Printable.Line(e.Message));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // What YamlDotNet throws at some broken texts, such as a flow map that is never closed, without a place.
            faults.Add(1, $"no YAML: {Printable.Line(e.Message)}");
        }

        return null;
    }

    private static Profile? Entry(YamlNode key, YamlNode value, ProfileSet builtIn, FaultList faults)
    {
        var name = (key as YamlScalarNode)?.Value ?? "";
        if (!Identifier.IsValid(name) || name.Contains('=', StringComparison.Ordinal))
        {
            faults.Add(key, $"profile name '{Printable.Line(name)}': use letters, digits, '.', '_' or '-'");
            return null;
        }

        if (value is not YamlMappingNode fields)
        {
            faults.Add(value, $"profile {name}: expected a map of fields");
            return null;
        }

        var basis = builtIn.TryGet(name, out var known) ? known : builtIn.Default;
        var profile = Fields(basis with { Name = name }, fields, faults);
        foreach (var fault in profile.Faults())
        {
            faults.Add(LineOf(fields, key, fault), $"profile {name}: {fault}");
        }

        return profile;
    }

    private static Profile Fields(Profile profile, YamlMappingNode fields, FaultList faults)
    {
        foreach (var (key, value) in fields.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (value is not YamlScalarNode { Value: { } text })
            {
                faults.Add(value, $"profile {profile.Name}: {Printable.Line(name)} must be one value");
                continue;
            }

            profile = Set(profile, name, text, problem => faults.Add(value, $"profile {profile.Name}: {problem}"));
        }

        return profile;
    }

    private static Profile Set(Profile profile, string field, string text, Action<string> fault)
    {
        switch (field)
        {
            case "scale": return profile with { Scale = text };
            case "vcodec": return profile with { Vcodec = text };
            case "preset": return profile with { Preset = text };
            case "cpuset": return profile with { Cpuset = text };
            case "crf": return Whole(text) is { } crf ? profile with { Crf = crf } : NoNumber();
            case "vthreads": return Whole(text) is { } vthreads ? profile with { Vthreads = vthreads } : NoNumber();
            case "fthreads": return Whole(text) is { } fthreads ? profile with { Fthreads = fthreads } : NoNumber();
            case "cpu_units": return Whole(text) is { } units ? profile with { CpuUnits = units } : NoNumber();
            case "cpu_weight": return Whole(text) is { } weight ? profile with { CpuWeight = weight } : NoNumber();
            case "cpu_quota":
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var quota) ? profile with { CpuQuota = quota } : NoNumber();
            default:
                fault($"no field '{Printable.Line(field)}'; there are scale, vcodec, preset, crf, vthreads, fthreads, cpu_units, cpuset, cpu_quota, cpu_weight");
                return profile;
        }

        Profile NoNumber()
        {
            fault($"{field} '{Printable.Line(text)}' is no number");
            return profile;
        }
    }

    private static int? Whole(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    // A fault starts with the name of its field; the line is that field's, or the entry's where the field came from the built-in.
    private static long LineOf(YamlMappingNode fields, YamlNode entry, string fault) => fields.Children
        .Where(f => fault.StartsWith($"{f.Key} ", StringComparison.Ordinal))
        .Select(f => f.Value.Start.Line)
        .DefaultIfEmpty(entry.Start.Line)
        .First();

    private sealed class FaultList(string path)
    {
        private readonly List<(long Line, string Text)> _faults = [];

        public void Add(YamlNode at, string text) => Add(at.Start.Line, text);

        public void Add(long line, string text) => _faults.Add((line, text));

        public void AddWhen(bool wrong, YamlNode at, string text)
        {
            if (wrong)
            {
                Add(at, text);
            }
        }

        public void ThrowIfAny()
        {
            if (_faults.Count == 0)
            {
                return;
            }

            var shown = _faults.OrderBy(f => f.Line).Take(MaxFaultsShown).Select(f => $"{path}:{f.Line}: {f.Text}");
            var rest = _faults.Count > MaxFaultsShown ? $"; and {_faults.Count - MaxFaultsShown} more" : "";
            throw new UsageException(string.Join("; ", shown) + rest);
        }
    }
}
