using System.Text;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Daemon;

/// <summary>
/// A node directory in the hands of one collector. The claim is a lock on <c>collector.pid</c> (flock(2)), which the kernel takes back from a killed one; what
/// the file holds, a <see cref="ProcessIdentity"/>, tells others whom to ask or stop.
/// </summary>
public sealed class CollectorClaim : IDisposable
{
    private const int MostBytes = 256;

    private readonly FileStream _file;
    private readonly string? _entry;

    private CollectorClaim(FileStream file, string? entry)
    {
        _file = file;
        _entry = entry;
    }

    /// <summary>Claims a directory for this process, also from one that was killed, and enters it into the user's registry.</summary>
    /// <exception cref="TracekitException">A collector is at work there, or the file cannot be written.</exception>
    public static CollectorClaim Take(RunDirectory directory)
    {
        FileStream file;
        try
        {
            // Not truncated by opening: until the lock is ours, what it says is another's. The share "none" is the lock.
            file = new FileStream(directory.CollectorPid, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Holder(directory) is { } pid
                ? new TracekitException($"{directory.Path}: a collector is running there already (pid {pid}); stop it first, or choose another --run-id or --node-id")
                : new TracekitException($"{directory.CollectorPid}: cannot claim: {e.Message}", e);
        }

        try
        {
            if (Holder(directory) is { } other)
            {
                // It lives, and yet the lock was free: a file system without locks, or somebody removed the file meanwhile.
                throw new TracekitException($"{directory.Path}: a collector is running there already (pid {other}); stop it first, or choose another --run-id or --node-id");
            }

            var identity = ProcessIdentity.Current();
            file.Position = 0;
            file.Write(Encoding.ASCII.GetBytes($"{identity}\n"));
            file.SetLength(file.Position);
            if (Read(directory.CollectorPid) != identity)
            {
                throw new TracekitException($"{directory.CollectorPid}: another collector ended this very moment; try again");
            }

            return new CollectorClaim(file, CollectorRegistry.Enter(identity, directory));
        }
        catch (IOException e)
        {
            file.Dispose();
            throw new TracekitException($"{directory.CollectorPid}: cannot write: {e.Message}", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Who is at work in a directory; null when nobody is. A file that is not this user's own is not believed.</summary>
    public static ProcessIdentity? HolderOf(RunDirectory directory) =>
        PrivateDirectory.IsOwnFile(directory.CollectorPid) && Read(directory.CollectorPid) is { } identity && identity.IsAlive() ? identity : null;

    /// <summary>True when a collector left its claim behind: it was killed.</summary>
    public static bool IsAbandoned(RunDirectory directory) => File.Exists(directory.CollectorPid) && HolderOf(directory) is null;

    /// <summary>Gives the directory back.</summary>
    public void Dispose()
    {
        CollectorRegistry.Leave(_entry);
        try
        {
            // Removed before it is unlocked: nobody can have claimed it in between.
            File.Delete(_file.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A stale file harms nobody: it names a process that has ended.
            _ = e;
        }

        _file.Dispose();
    }

    // Not by a FileStream, which would heed the lock.
    internal static ProcessIdentity? Read(string path)
    {
        using var file = HostFile.TryOpen(path);
        Span<byte> text = stackalloc byte[MostBytes];
        return ProcessIdentity.Parse(Encoding.ASCII.GetString(text[..Math.Max(0, file?.Read(text) ?? 0)]));
    }

    private static int? Holder(RunDirectory directory) =>
        Read(directory.CollectorPid) is { } identity && identity.Pid != Environment.ProcessId && identity.IsAlive() ? identity.Pid : null;
}
