namespace Tracekit.Linux;

/// <summary>What kind of thing a path names (statx(2)).</summary>
public static unsafe class FileKind
{
    private const int AtFdCwd = -100;
    private const int AtSymlinkNoFollow = 0x100;
    private const uint StatxType = 1;
    private const int StatxBytes = 256;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    /// <summary>True when an open file has no name any more (unlink(2)).</summary>
    internal static bool IsDeleted(int fd)
    {
        const int AtEmptyPath = 0x1000;
        const uint StatxLinks = 4;
        const int LinksOffset = 16;
        var buffer = stackalloc byte[StatxBytes];
        return Libc.StatX(fd, "", AtEmptyPath, StatxLinks, buffer) == 0 && *(uint*)(buffer + LinksOffset) == 0;
    }

    /// <summary>True for a regular file; false for a directory, device, FIFO, socket or symbolic link, and when nothing is there.</summary>
    public static bool IsRegular(string path)
    {
        var buffer = stackalloc byte[StatxBytes];
        return Libc.StatX(AtFdCwd, path, AtSymlinkNoFollow, StatxType, buffer) == 0 && (*(ushort*)(buffer + ModeOffset) & TypeMask) == RegularFile;
    }
}
