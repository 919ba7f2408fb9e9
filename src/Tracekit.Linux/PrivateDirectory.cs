namespace Tracekit.Linux;

/// <summary>A directory or file that nobody but this user could have put there (statx(2)).</summary>
public static unsafe class PrivateDirectory
{
    private const int AtFdCwd = -100;
    private const int AtSymlinkNoFollow = 0x100;
    private const uint StatxTypeModeUid = 1 | 2 | 8;
    private const int StatxBytes = 256;
    private const int UidOffset = 20;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int DirectoryType = 0x4000;
    private const int RegularType = 0x8000;
    private const int OthersMask = 0x3F; // rwx of group and others
    private const uint OwnerOnly = 0x1C0; // 0700

    /// <summary>Makes it when it is not there; false when what is there is no directory of this user's own with mode 0700, or it cannot be made.</summary>
    public static bool TryMake(string path)
    {
        _ = Libc.MkDir(path, OwnerOnly);
        return IsPrivate(path);
    }

    /// <summary>True for a directory, not a symbolic link, that is this user's and closed to everybody else.</summary>
    public static bool IsPrivate(string path) => Stat(path) is { } stat && (stat.Mode & TypeMask) == DirectoryType && stat.Uid == Libc.GetEffectiveUserId() && (stat.Mode & OthersMask) == 0;

    /// <summary>True for a regular file, not a symbolic link, that is this user's.</summary>
    public static bool IsOwnFile(string path) => Stat(path) is { } stat && (stat.Mode & TypeMask) == RegularType && stat.Uid == Libc.GetEffectiveUserId();

    /// <summary>Where this user's programs keep what lives as long as they run: <c>$XDG_RUNTIME_DIR/tracekit</c>, else <c>/tmp/tracekit-&lt;uid&gt;</c>.</summary>
    public static string RuntimePath() =>
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime && Path.IsPathRooted(runtime)
            ? Path.Combine(runtime, "tracekit")
            : $"/tmp/tracekit-{Libc.GetEffectiveUserId()}";

    private static (uint Uid, ushort Mode)? Stat(string path)
    {
        var buffer = stackalloc byte[StatxBytes];
        return Libc.StatX(AtFdCwd, path, AtSymlinkNoFollow, StatxTypeModeUid, buffer) == 0
            ? (*(uint*)(buffer + UidOffset), *(ushort*)(buffer + ModeOffset))
            : null;
    }
}
