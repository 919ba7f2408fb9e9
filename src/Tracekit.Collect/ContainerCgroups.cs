using System.Runtime.CompilerServices;
using Tracekit.Containers;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>
/// The control group that has all processes of a container, for <see cref="ProcessSelection.Cgroups"/>: the engine knows the container's first process,
/// the kernel knows that one's groups.
/// </summary>
public static class ContainerCgroups
{
    /// <summary>The control group of a container that runs.</summary>
    /// <param name="engine">Whom to ask.</param>
    /// <param name="container">Name or id.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>Absolute paths of directories; one, unless the container has ended meanwhile: then none.</returns>
    /// <exception cref="TracekitException">There is no such container, it does not run, it has no control group of its own, or the engine cannot be asked.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(ContainerEngine engine, string container, CancellationToken cancellation)
    {
        var details = await engine.InspectAsync(container, cancellation).ConfigureAwait(false);
        return ContainerRun.Of(details) is { } run
            ? DirectoriesOf(run, container)
            : throw new TracekitException($"container {container}: it does not run ({Printable.Line(details.State.Status)}); start it (docker start {container})");
    }

    /// <summary>
    /// The control group of a container that may end, restart, or be made anew under its name: once at the beginning, and again with each change. A
    /// restarted container's directory is another one, also where its path is the same. None while the container does not run.
    /// </summary>
    /// <param name="engine">Whom to ask.</param>
    /// <param name="container">Name or id.</param>
    /// <param name="onTrouble">Told in one line when the engine cannot be asked (the last answer stands meanwhile) or a container has no group of its own.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async IAsyncEnumerable<IReadOnlyList<string>> FollowAsync(
        ContainerEngine engine, string container, Action<string>? onTrouble, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var run in ContainerWatch.FollowAsync(engine, container, onTrouble, TimeProvider.System, cancellation).ConfigureAwait(false))
        {
            IReadOnlyList<string> directories = [];
            try
            {
                directories = run is null ? [] : DirectoriesOf(run, container);
            }
            catch (TracekitException e)
            {
                onTrouble?.Invoke(e.Message);
            }

            yield return directories;
        }
    }

    /// <summary>
    /// Chooses among the groups of a container's first process the one that has the whole container, and only that: version 2 before version 1; the group
    /// named for the container where the process stands below it (an init system makes groups of its own); never the highest of a hierarchy, which has
    /// the machine's processes, nor the collector's own.
    /// </summary>
    /// <param name="groups">Groups of the container's first process.</param>
    /// <param name="own">Groups of this process.</param>
    /// <param name="containerId">The container's id.</param>
    /// <returns>The directory; null when there is none.</returns>
    internal static string? Choose(IReadOnlyList<ProcessCgroup> groups, IReadOnlyList<ProcessCgroup> own, string containerId) => groups
        .Where(g => !g.IsRoot)
        .OrderBy(g => IsNamedFor(g.Directory, containerId) ? 0 : 1)
        .ThenBy(g => g.Controllers.Length == 0 ? 0 : 1)
        .Select(g => GroupNamedFor(g.Directory, containerId))
        .FirstOrDefault(d => !own.Any(o => o.Directory == d || o.Directory.StartsWith(d + "/", StringComparison.Ordinal)));

    private static IReadOnlyList<string> DirectoriesOf(ContainerRun run, string container)
    {
        var groups = ProcessCgroups.Of(run.Pid);
        if (groups.Count == 0)
        {
            // Gone already; or the engine's pids are not ours, and then no process of the container can be seen from here.
            return [];
        }

        return Choose(groups, ProcessCgroups.Of(Environment.ProcessId), run.Id) is { } directory
            ? [directory]
            : throw new TracekitException($"container {container}: it has no control group of its own that can be seen from here (--cgroupns, --cgroup-parent?)");
    }

    private static bool IsNamedFor(string directory, string id) => directory.Contains(id, StringComparison.Ordinal);

    // /docker/<id> with the cgroupfs driver, /system.slice/docker-<id>.scope with systemd's, and whatever the container made below that.
    private static string GroupNamedFor(string directory, string id)
    {
        var at = directory.IndexOf(id, StringComparison.Ordinal);
        var end = at < 0 ? -1 : directory.IndexOf('/', at);
        return end < 0 ? directory : directory[..end];
    }
}
