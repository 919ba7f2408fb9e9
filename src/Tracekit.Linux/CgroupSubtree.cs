using System.Globalization;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>
/// The control groups of this process: a directory named for it, and numbered ones below. Together they weigh as much as one ordinary process, so
/// that neither tracekit's own sampling nor the machine's other work starves behind them.
/// </summary>
internal sealed class CgroupSubtree : IDisposable
{
    private const int RemoveTries = 200;
    private static readonly TimeSpan RemovePause = TimeSpan.FromMilliseconds(5);
    private static int s_made;

    private CgroupSubtree(string path) => Path = path;

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>Makes the directory, and removes those that dead processes left beside it as far as they are empty.</summary>
    /// <param name="parent">The existing group to make it in.</param>
    /// <exception cref="TracekitException">It cannot be made.</exception>
    public static CgroupSubtree Make(string parent)
    {
        RemoveLeftovers(parent);
        var count = Interlocked.Increment(ref s_made);
        var path = $"{parent}/{CgroupOwner.Ours()}";
        return new CgroupSubtree(MakeDirectory(count == 1 ? path : string.Create(CultureInfo.InvariantCulture, $"{path}.{count}")));
    }

    /// <summary>Makes the directory of a group.</summary>
    /// <exception cref="TracekitException">It cannot be made.</exception>
    public string MakeGroup(int number) => MakeDirectory(string.Create(CultureInfo.InvariantCulture, $"{Path}/{number}"));

    /// <summary>Removes what is empty.</summary>
    public void Dispose() => RemoveTree(Path);

    /// <summary>Removes an empty group; waits a little for processes that are just ending. False when it stays.</summary>
    public static bool Remove(string path)
    {
        for (var left = RemoveTries; !TryRemove(path); left--)
        {
            if (left == 0 || CgroupProcesses.Of(path).Count > 0)
            {
                return false;
            }

            Thread.Sleep(RemovePause);
        }

        return true;
    }

    private static void RemoveLeftovers(string parent)
    {
        var ours = CgroupOwner.Ours();
        foreach (var directory in Below(parent))
        {
            // A second subtree of the same process has ".2" behind its name.
            if (CgroupOwner.TryParse(System.IO.Path.GetFileName(directory).Split('.')[0], out var owner)
                && owner.IsDead(ours, pid => ProcPidStat.Read(pid)?.StartTimeTicks))
            {
                RemoveTree(directory);
            }
        }
    }

    private static void RemoveTree(string path)
    {
        foreach (var group in Below(path))
        {
            Remove(group);
        }

        Remove(path);
    }

    private static string[] Below(string path)
    {
        try
        {
            return Directory.GetDirectories(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool TryRemove(string path)
    {
        try
        {
            Directory.Delete(path);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string MakeDirectory(string path)
    {
        try
        {
            return Directory.CreateDirectory(path).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{path}: cannot make a control group: {e.Message}", e);
        }
    }
}
