using System.Globalization;
using System.Text;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Daemon;

/// <summary>
/// Where this user's collectors are: a file for each in <c>$XDG_RUNTIME_DIR/tracekit</c>, else <c>/tmp/tracekit-&lt;uid&gt;</c>, named by its pid and holding its
/// node directory. It only says where to look: whether a collector is there is told by its <c>collector.pid</c>. A directory that others could write into is
/// not used.
/// </summary>
public static class CollectorRegistry
{
    private const int MostBytes = 8192;

    /// <summary>The node directories of this user's collectors: those entered here, and those found below a directory of runs.</summary>
    /// <param name="logs">The directory of all runs; it need not be there.</param>
    public static IReadOnlyList<RunDirectory> Find(string logs)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var run in Directories(logs))
        {
            found.UnionWith(OfRun(run).Select(d => Path.GetFullPath(d.Path)));
        }

        found.UnionWith(Entered());
        return [.. found.Select(d => new RunDirectory(d)).Where(d => CollectorClaim.HolderOf(d) is not null)];
    }

    /// <summary>The directories of one run that a collector has worked in: its own, and those of its nodes.</summary>
    /// <param name="run">The run's directory; it need not be there.</param>
    public static IReadOnlyList<RunDirectory> OfRun(string run) =>
    [
        .. Directories(run).Prepend(run).Select(d => new RunDirectory(d)).Where(d => File.Exists(d.CollectorPid) || File.Exists(d.CollectorStatus)),
    ];

    /// <summary>Enters a collector; returns its entry, null where the registry cannot be used.</summary>
    internal static string? Enter(ProcessIdentity identity, RunDirectory directory)
    {
        var registry = PrivateDirectory.RuntimePath();
        if (!PrivateDirectory.TryMake(registry))
        {
            return null;
        }

        var entry = Path.Combine(registry, identity.Pid.ToString(CultureInfo.InvariantCulture));
        try
        {
            AtomicFile.Write(entry, Encoding.UTF8.GetBytes(Path.GetFullPath(directory.Path)));
            return entry;
        }
        catch (TracekitException)
        {
            return null;
        }
    }

    /// <summary>Removes an entry.</summary>
    internal static void Leave(string? entry)
    {
        try
        {
            if (entry is not null)
            {
                File.Delete(entry);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever reads it finds nobody there.
            _ = e;
        }
    }

    private static IEnumerable<string> Entered()
    {
        var registry = PrivateDirectory.RuntimePath();
        foreach (var entry in PrivateDirectory.IsPrivate(registry) ? Directory.EnumerateFiles(registry) : [])
        {
            if (!Path.GetFileName(entry).All(char.IsAsciiDigit) || !PrivateDirectory.IsOwnFile(entry) || new FileInfo(entry) is { Exists: true, Length: > MostBytes })
            {
                continue;
            }

            var directory = TextOf(entry);
            if (!Path.IsPathRooted(directory) || CollectorClaim.HolderOf(new RunDirectory(directory)) is null)
            {
                // Of one that was killed.
                Leave(entry);
                continue;
            }

            yield return directory;
        }
    }

    private static string TextOf(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string[] Directories(string path)
    {
        try
        {
            return Directory.Exists(path) ? Directory.GetDirectories(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
