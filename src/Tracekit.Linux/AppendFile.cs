using System.Diagnostics;
using System.Runtime.InteropServices;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>
/// A file that is only appended to, opened with O_APPEND: each call's lines land at the end in one piece, also when several processes write to
/// the same file (write(2)). What was appended outlives a kill of the process.
/// </summary>
public sealed unsafe class AppendFile : ILineSink, IDisposable
{
    // How often it is looked whether the file is still there: a write to a deleted file succeeds, and is lost.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private long _looked = Stopwatch.GetTimestamp();
    private int _fd;
    private bool _torn;

    private AppendFile(string path, int fd, bool torn)
    {
        _path = path;
        _fd = fd;
        _torn = torn;
    }

    /// <summary>Opens or makes the file. A torn last line, left by a killed writer, is ended first, so that it spoils no other.</summary>
    /// <exception cref="TracekitException">It cannot be opened: which, and why.</exception>
    public static AppendFile Open(string path)
    {
        var fd = Libc.Open(path, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_APPEND | Libc.O_CLOEXEC, 0x1B4 /* 0664 */);
        return fd < 0
            ? throw new TracekitException($"{path}: cannot open for writing: {Libc.LastError()}")
            : new AppendFile(path, fd, EndsTorn(path));
    }

    /// <summary>How often the file was found deleted, and made anew with its directory.</summary>
    public int RemadeCount { get; private set; }

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> lines)
    {
        if (Stopwatch.GetElapsedTime(_looked) >= LookEvery)
        {
            _looked = Stopwatch.GetTimestamp();
            if (FileKind.IsDeleted(_fd))
            {
                Remake();
            }
        }

        if (_torn)
        {
            Write("\n"u8);
            _torn = false;
        }

        Write(lines);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        if (_fd >= 0)
        {
            _ = Libc.Close(_fd);
            _fd = -1;
        }
    }

    private void Remake()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{_path}: was deleted, and its directory cannot be made anew: {e.Message}", e);
        }

        var anew = Open(_path);
        _ = Libc.Close(_fd);
        (_fd, _torn) = (anew._fd, anew._torn);
        RemadeCount++;
    }

    private static bool EndsTorn(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        if (!file.CanSeek || file.Length == 0)
        {
            return false;
        }

        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != '\n';
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = &MemoryMarshal.GetReference(bytes))
        {
            for (var done = 0; done < bytes.Length;)
            {
                var written = Libc.Write(_fd, start + done, (nuint)(bytes.Length - done));
                if (written >= 0)
                {
                    done += (int)written;
                }
                else if (Marshal.GetLastPInvokeError() != Libc.EINTR)
                {
                    // A full disk may have taken the first part of a line.
                    _torn |= done > 0;
                    throw new TracekitException($"{_path}: cannot write: {Libc.LastError()}");
                }
            }
        }
    }
}
