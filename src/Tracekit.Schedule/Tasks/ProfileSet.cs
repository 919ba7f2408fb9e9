using System.Diagnostics.CodeAnalysis;

namespace Tracekit.Schedule;

/// <summary>The profiles that a dispatch may use: the built-in ones, and those of a file, which win.</summary>
public sealed class ProfileSet
{
    private readonly SortedDictionary<string, Profile> _byName = new(StringComparer.Ordinal);

    /// <summary>The profiles of <paramref name="profiles"/>; a later one replaces an earlier one of the same name.</summary>
    public ProfileSet(IEnumerable<Profile> profiles)
    {
        foreach (var profile in profiles)
        {
            _byName[profile.Name] = profile;
        }
    }

    /// <summary>The profiles of the contracts (section 4) and the one for a task without a profile.</summary>
    public static ProfileSet BuiltIn { get; } = new(
    [
        Profile.Default,
        new Profile { Name = "fast1080p", Scale = "1920:1080", Vcodec = "h264", Preset = "fast", CpuUnits = 2, Vthreads = 2, Fthreads = 2 },
        new Profile { Name = "medium480p", Scale = "854:480", Vcodec = "h264", Preset = "medium", CpuUnits = 2, Vthreads = 2, Fthreads = 2 },
        new Profile { Name = "hevc1080p", Scale = "1920:1080", Vcodec = "hevc", Preset = "medium", CpuUnits = 4, Vthreads = 4, Fthreads = 4 },
        new Profile { Name = "light1c", Scale = "854:480", Vcodec = "h264", Preset = "veryfast", CpuUnits = 1, Vthreads = 1, Fthreads = 1 },
    ]);

    /// <summary>The names, in ordinal order.</summary>
    public IReadOnlyCollection<string> Names => _byName.Keys;

    /// <summary>The profile of a task for which none is named.</summary>
    public Profile Default => TryGet(Profile.Default.Name, out var profile) ? profile : Profile.Default;

    /// <summary>Looks a profile up.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out Profile profile) => _byName.TryGetValue(name, out profile);

    /// <summary>These profiles, with <paramref name="over"/> in place of those of the same name.</summary>
    public ProfileSet With(IEnumerable<Profile> over) => new(_byName.Values.Concat(over));
}
