using System.Runtime.CompilerServices;

namespace Tracekit.Containers;

/// <summary>One run of a container: from a start to its end.</summary>
/// <param name="Id">The container's id, 64 hexadecimal digits.</param>
/// <param name="Pid">Its first process, in the engine's pid namespace.</param>
/// <param name="StartedAt">When it started.</param>
public sealed record ContainerRun(string Id, int Pid, DateTimeOffset StartedAt)
{
    /// <summary>The run that <paramref name="details"/> shows; null when the container does not run.</summary>
    public static ContainerRun? Of(ContainerDetails details) =>
        details.State is { Running: true, Pid: > 0 } ? new ContainerRun(details.Id, details.State.Pid, details.State.StartedAt) : null;
}

/// <summary>
/// Follows a container by its name through ends, restarts, removals and new containers of the same name, and through restarts of the engine.
/// </summary>
public static class ContainerWatch
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // Asked for again from before the last look on: an event in between is told twice rather than not at all.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The run that is, then each other one when it has begun; null when it has ended, and at first when the container does not run or is not there.
    /// While the engine cannot be asked the last answer stands, for containers may live on without it.
    /// </summary>
    /// <param name="engine">Whom to ask.</param>
    /// <param name="container">Name or id.</param>
    /// <param name="onTrouble">Told once for each time that the engine cannot be asked, in one line; null for nobody.</param>
    /// <param name="time">The clock of the pauses between attempts.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async IAsyncEnumerable<ContainerRun?> FollowAsync(
        ContainerEngine engine,
        string container,
        Action<string>? onTrouble,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        EngineName.CheckContainer(container);
        ContainerRun? last = null;
        var hasAnswered = false;
        var pause = FirstPause;
        var isInTrouble = false;
        while (true)
        {
            await using var events = Changes(engine, container, time, cancellation).GetAsyncEnumerator(cancellation);
            while (true)
            {
                ContainerRun? run;
                try
                {
                    if (!await events.MoveNextAsync().ConfigureAwait(false))
                    {
                        break;
                    }

                    run = await RunNowAsync(engine, container, cancellation).ConfigureAwait(false);
                }
                catch (EngineException e)
                {
                    if (!isInTrouble)
                    {
                        onTrouble?.Invoke(e.Message);
                    }

                    isInTrouble = true;
                    break;
                }

                (isInTrouble, pause) = (false, FirstPause);
                if (!hasAnswered || run != last)
                {
                    (hasAnswered, last) = (true, run);
                    yield return run;
                }
            }

            await Task.Delay(pause, time, cancellation).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    // One item at once, for the state that is, and one for each event that may change it.
    private static async IAsyncEnumerable<bool> Changes(
        ContainerEngine engine, string container, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var since = time.GetUtcNow() - Overlap;
        yield return true;
        await foreach (var happened in engine.EventsAsync(container, since, cancellation).ConfigureAwait(false))
        {
            if (happened.Action is "start" or "die" or "destroy" or "rename" or "restart")
            {
                yield return true;
            }
        }
    }

    private static async Task<ContainerRun?> RunNowAsync(ContainerEngine engine, string container, CancellationToken cancellation)
    {
        try
        {
            return ContainerRun.Of(await engine.InspectAsync(container, cancellation).ConfigureAwait(false));
        }
        catch (EngineException e) when (e.Fault == EngineFault.NoSuchContainer)
        {
            return null;
        }
    }
}
