using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Tar;
using System.Globalization;
using Tracekit.Linux;

namespace Tracekit.Containers.Tests;

/// <summary>
/// A dockerd of a test's own, with its containerd, its files, its socket and an image of one static program (busybox), gone with it. No network is made
/// (<c>--bridge=none --iptables=false</c>), so nothing of the machine's changes; <c>vfs</c> stores layers on any file system. It runs as root, with control
/// groups of version 1, 2 or both, with and without systemd: the groups driver is cgroupfs in each case, and a group of its own
/// (<c>--cgroup-parent</c>) shows which groups to remove at the end.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit calls DisposeAsync of IAsyncLifetime")]
public sealed class DockerEngine : IAsyncLifetime
{
    public const string Image = "tracekit-test:1";

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TemporaryDirectory _directory = new();
    private readonly string _cgroupParent = $"/tracekit-test-{Environment.ProcessId}-{Guid.NewGuid():N}";
    private Process? _process;
    private int _names;

    private string ContainerdPidFile => _directory.File("exec/containerd/containerd.pid");

    public EngineEndpoint Endpoint => new(_directory.File("engine.sock"));

    public ContainerEngine Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await StartAsync();
        Client = await ContainerEngine.ConnectAsync(Endpoint, None);
        await Client.ImportImageAsync(ImageTar(), "tracekit-test", "1", None);
    }

    /// <summary>Starts dockerd and waits until it answers.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dockerd") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] flags =
        [
            "--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=vfs", "--exec-opt", "native.cgroupdriver=cgroupfs",
            "--cgroup-parent", _cgroupParent, "--data-root", _directory.File("data"), "--exec-root", _directory.File("exec"),
            "--pidfile", _directory.File("pid"), "--host", "unix://" + Endpoint.SocketPath, "--shutdown-timeout", "2",
        ];
        Array.ForEach(flags, start.ArgumentList.Add);
        _process = Process.Start(start)!;
        var said = new List<string>();
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (said)
            {
                said.Add(line.Data ?? "");
            }
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.Holds(async () =>
        {
            if (_process.HasExited)
            {
                lock (said)
                {
                    Assert.Fail("dockerd did not start: " + string.Join('\n', said.TakeLast(5)));
                }
            }

            try
            {
                using var client = await ContainerEngine.ConnectAsync(Endpoint, None);
                return true;
            }
            catch (EngineException e) when (e.Fault is EngineFault.NotThere or EngineFault.Interrupted or EngineFault.TimedOut)
            {
                return false;
            }
        });
    }

    /// <summary>Kills dockerd at once, and its containerd with it; what it ran goes on.</summary>
    public async Task KillAsync()
    {
        var containerd = ContainerdPid();
        _process!.Kill();
        await _process.WaitForExitAsync();
        if (containerd is { } pid)
        {
            Signals.Send(pid, Signals.Kill);
            await Eventually.Holds(() => !IsOurs(pid));
        }

        // Whoever inherited the dead may not have waited for them yet; the next dockerd would take a zombie's pid for a living process.
        File.Delete(_directory.File("pid"));
        File.Delete(ContainerdPidFile);
    }

    /// <summary>Stops dockerd as an administrator does; it stops its containers and its containerd.</summary>
    public async Task StopAsync()
    {
        if (_process is { HasExited: false })
        {
            Signals.Send(_process.Id, Signals.Terminate);
            await _process.WaitForExitAsync();
        }
    }

    /// <summary>A name that no other test has.</summary>
    public string NewName() => $"c{Interlocked.Increment(ref _names)}-{Guid.NewGuid():N}";

    /// <summary>Makes and starts a container that runs a shell line.</summary>
    public async Task<string> RunAsync(string script, string? name = null)
    {
        name ??= NewName();
        await Client.CreateAsync(Shell(script, name), None);
        await Client.StartAsync(name, None);
        return name;
    }

    /// <summary>A container that runs a shell line, without network.</summary>
    public static ContainerRequest Shell(string script, string name) =>
        new(Image) { Name = name, Command = ["/bin/busybox", "sh", "-c", script], NetworkMode = "none" };

    /// <summary>Files of the image: /bin/busybox, and /bin/sh for it.</summary>
    public static MemoryStream ImageTar()
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        using (var program = File.OpenRead("/bin/busybox"))
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "bin/") { Mode = (UnixFileMode)0b111_101_101 });
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = (UnixFileMode)0b111_101_101, DataStream = program });
            writer.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, "bin/sh") { LinkName = "busybox" });
        }

        tar.Position = 0;
        return tar;
    }

    public async Task DisposeAsync()
    {
        if (_process is { HasExited: true })
        {
            await StartAsync();
        }

        foreach (var container in await Client.ListAsync(all: true, None))
        {
            await Client.RemoveAsync(container.Id, force: true, None);
        }

        Client.Dispose();
        var containerd = ContainerdPid();
        await StopAsync();
        if (containerd is { } pid)
        {
            await Eventually.Holds(() => !IsOurs(pid));
        }

        _process?.Dispose();
        UnmountLeftovers();
        foreach (var hierarchy in ProcessCgroups.Of(Environment.ProcessId).Select(g => g.MountPoint).Distinct())
        {
            var group = hierarchy + _cgroupParent;
            if (Directory.Exists(group))
            {
                Directory.Delete(group);
            }
        }

        _directory.Dispose();
    }

    // A dockerd that was killed leaves its mounts.
    private void UnmountLeftovers()
    {
        var points = File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')[4]).Where(p => p.StartsWith(_directory.Path + "/", StringComparison.Ordinal));
        foreach (var point in points.OrderByDescending(p => p.Length).ToList())
        {
            using var umount = Process.Start("umount", [point]);
            umount.WaitForExit();
        }
    }

    // dockerd writes the pid of the containerd that it started.
    private int? ContainerdPid()
    {
        return File.Exists(ContainerdPidFile) && int.TryParse(File.ReadAllText(ContainerdPidFile).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && IsOurs(pid) ? pid : null;
    }

    private bool IsOurs(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains(_directory.Path, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
