using System.Text;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>
/// CPU quota and weight by systemd, for where it runs as pid 1 and no control group is ours to write: each task is a transient scope unit. Our child waits
/// held before its program, so systemd is asked to take that very process in (StartTransientUnit with PIDs): no helper such as systemd-run stands
/// between tracekit and the program. A later share goes to the scope's own files where we may write them, else to systemd (SetUnitProperties). Scopes
/// go by themselves with their last process, also after a kill of tracekit.
/// </summary>
public sealed class SystemdScopeCpu : ICpuController
{
    private static readonly CgroupOwner Owner = CgroupOwner.Ours();

    private readonly bool _user = Libc.GetEffectiveUserId() != 0;
    private readonly string _busctl;
    private int _made;

    private SystemdScopeCpu(string busctl) => _busctl = busctl;

    /// <summary>True when this system was booted with systemd (sd_booted(3)).</summary>
    public static bool IsSystemdRunning => Directory.Exists("/run/systemd/system");

    /// <inheritdoc/>
    public string Description => $"systemd scopes of the {(_user ? "user's" : "system's")} manager, affinity for exclusive tasks";

    /// <inheritdoc/>
    public bool CanLimit => true;

    /// <inheritdoc/>
    public double? LimitCores => null;

    /// <summary>Opens it, and makes sure that it works by making a scope around a process of ours.</summary>
    /// <exception cref="TracekitException">It is not there, or does not do it for us: why.</exception>
    public static ICpuController Open()
    {
        if (!IsSystemdRunning)
        {
            throw new TracekitException("it does not run here");
        }

        var busctl = Executable.Find("busctl") ?? throw new TracekitException("busctl is not installed");
        return CpuBackEnd.Probed(new SystemdScopeCpu(busctl));
    }

    /// <inheritdoc/>
    public ICpuGroup Create(string? unitName = null) =>
        new Scope(this, SystemdCall.ScopeName(unitName, Owner, Interlocked.Increment(ref _made)));

    /// <inheritdoc/>
    public void Dispose()
    {
        // Scopes go by themselves.
    }

    private void Call(IReadOnlyList<string> arguments)
    {
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        using var errors = Pipe.Open();
        var held = ProcessSpawn.Hold(new SpawnRequest
        {
            Path = _busctl,
            Arguments = arguments,
            Environment = [.. OwnEnvironment()],
            StandardInput = (int)nothing.DangerousGetHandle(),
            StandardOutput = (int)nothing.DangerousGetHandle(),
            StandardError = (int)errors.Write.DangerousGetHandle(),
        });
        var startError = held.Release();
        errors.Write.Dispose();
        using var reader = new StreamReader(new FileStream(errors.Read, FileAccess.Read, 1), Encoding.UTF8);
        var said = reader.ReadToEnd();
        var ending = ChildProcess.WaitForEnd(held.Pid, new RunClock(TimeProvider.System));
        if (startError is not null || ending.Status.ExitCode != 0)
        {
            throw new TracekitException(startError ?? $"systemd: {Printable.Line(said.Trim())}");
        }
    }

    private static IEnumerable<string> OwnEnvironment() => Environment.GetEnvironmentVariables()
        .Cast<System.Collections.DictionaryEntry>().Select(v => $"{v.Key}={v.Value}");

    private sealed class Scope(SystemdScopeCpu systemd, string unit) : ICpuGroup
    {
        private const int MoveTries = 1000;
        private static readonly TimeSpan MovePause = TimeSpan.FromMilliseconds(5);

        private readonly Lock _lock = new();
        private CpuShare _share;
        private CpuCgroup? _files;
        private string? _path;
        private bool _isDisposed;

        public IReadOnlyList<int> Processes => _path is { } path ? CgroupProcesses.Of(path) : [];

        public void Add(int pid)
        {
            lock (_lock)
            {
                systemd.Call(SystemdCall.StartScope(unit, pid, _share, systemd._user));
                _path = WaitForMove(pid);
                _files = OpenFiles(_path, _share);
            }
        }

        public void SetShare(CpuShare share)
        {
            lock (_lock)
            {
                if (_files is not null)
                {
                    _files.SetShare(share);
                }
                else if (_path is not null && !_isDisposed)
                {
                    systemd.Call(SystemdCall.SetShare(unit, share, systemd._user));
                }

                _share = share;
            }
        }

        public void Kill()
        {
            if (Processes.Count > 0)
            {
                systemd.Call(SystemdCall.Kill(unit, systemd._user));
            }
        }

        // The unit and its group are systemd's: only our open file goes.
        public void Dispose()
        {
            lock (_lock)
            {
                _isDisposed = true;
                _files?.Close();
            }
        }

        private string WaitForMove(int pid)
        {
            for (var left = MoveTries; left > 0; left--)
            {
                if (PathOf(pid) is { } path && path.EndsWith("/" + unit, StringComparison.Ordinal))
                {
                    return path;
                }

                Thread.Sleep(MovePause);
            }

            throw new TracekitException($"systemd did not move pid {pid} into {unit}");
        }

        private static string? PathOf(int pid)
        {
            var (mounts, groups) = (File.ReadAllText("/proc/self/mountinfo"), File.ReadAllText($"/proc/{pid}/cgroup"));
            return (CgroupMount.Find(mounts, groups, "cpu") ?? CgroupMount.Find(mounts, groups, null))?.Path;
        }

        private static CpuCgroup? OpenFiles(string path, CpuShare share)
        {
            try
            {
                return new CpuCgroup(path, isVersion2: File.Exists($"{path}/cpu.max"), share);
            }
            catch (TracekitException)
            {
                return null;
            }
        }
    }
}
