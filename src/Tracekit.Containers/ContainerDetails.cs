namespace Tracekit.Containers;

/// <summary>A container as the engine knows it.</summary>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="Name">Its name with a '/' before it.</param>
/// <param name="State">What it does.</param>
/// <param name="HostConfig">Its limits.</param>
/// <param name="Config">What it runs.</param>
/// <param name="RestartCount">How often its restart policy started it again.</param>
public sealed record ContainerDetails(
    string Id, string Name, ContainerState State, ContainerHostConfig HostConfig, ContainerConfig Config, int RestartCount);

/// <summary>What a container does.</summary>
/// <param name="Status">created, running, paused, restarting, removing, exited or dead.</param>
/// <param name="Running">True also while it is paused.</param>
/// <param name="Paused">True while it is frozen.</param>
/// <param name="OOMKilled">True when the kernel killed it for want of memory.</param>
/// <param name="Pid">Its first process, in the engine's pid namespace; 0 when it does not run.</param>
/// <param name="ExitCode">Exit code of its first process, 128 + signal when killed; 0 while it runs.</param>
/// <param name="StartedAt">When the engine had last started it; the year 1 when never. Noted after the start: of a very short run it may lie after the end.</param>
/// <param name="FinishedAt">When it last ended; the year 1 when never.</param>
public sealed record ContainerState(
    string Status, bool Running, bool Paused, bool OOMKilled, int Pid, int ExitCode, DateTimeOffset StartedAt, DateTimeOffset FinishedAt);

/// <summary>A container's limits as the engine has them.</summary>
/// <param name="CpusetCpus">Logical cores ("0-3,6"); empty for all.</param>
/// <param name="CpuQuota">µs of CPU time per period; 0 or -1 for no limit.</param>
/// <param name="CpuPeriod">The period in µs; 0 for the kernel's 100000.</param>
/// <param name="CpuShares">Its share when cores are scarce; 0 for the kernel's 1024.</param>
/// <param name="NetworkMode">Its network.</param>
/// <param name="CgroupParent">The control group that its own is made in; empty for the engine's default.</param>
public sealed record ContainerHostConfig(
    string CpusetCpus, long CpuQuota, long CpuPeriod, long CpuShares, string NetworkMode, string CgroupParent);

/// <summary>What a container runs.</summary>
/// <param name="Image">The image's name.</param>
/// <param name="Tty">True when it has a terminal, which joins its two output streams.</param>
/// <param name="Cmd">Program and arguments.</param>
/// <param name="Labels">Its labels.</param>
public sealed record ContainerConfig(string Image, bool Tty, IReadOnlyList<string>? Cmd, IReadOnlyDictionary<string, string>? Labels);
