using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>The files of one process that only <see cref="ProcessDetails"/> need, kept open.</summary>
internal sealed class DetailFiles : IDisposable
{
    private const int TextBytes = 4096;

    private readonly ProcessDetails _wanted;
    private readonly ProcFile? _rollup;
    private readonly ProcFile? _io;
    private readonly ProcFile? _status;
    private readonly ProcFile? _schedstat;

    public DetailFiles(int pid, ProcessDetails wanted)
    {
        _wanted = wanted;
        _rollup = Open(pid, "smaps_rollup", ProcessDetails.Pss);
        _io = Open(pid, "io", ProcessDetails.Io);
        _status = Open(pid, "status", ProcessDetails.ContextSwitches);
        _schedstat = Open(pid, "schedstat", ProcessDetails.RunWait);
    }

    /// <summary>Files that another user's process keeps from us.</summary>
    public int RefusedCount { get; private set; }

    /// <summary>Reads what was asked for.</summary>
    public void Read(ReadOnlySpan<byte> stat, ref SampleDetails details)
    {
        Span<byte> buffer = stackalloc byte[TextBytes];
        if (_wanted.HasFlag(ProcessDetails.Threads) && ProcPidStat.TryParse(stat, out var parsed))
        {
            details.Threads = parsed.ThreadCount;
        }

        if (_wanted.HasFlag(ProcessDetails.PageFaults) && ProcPidStat.TryParseMemory(stat, out var minor, out var major, out _))
        {
            (details.MinorFaults, details.MajorFaults) = (minor, major);
        }

        if (_rollup is not null)
        {
            details.PssKb = ProcPidFields.Number(Text(_rollup, buffer), "Pss:"u8);
        }

        if (_io is not null)
        {
            var text = Text(_io, buffer);
            (details.ReadBytes, details.WriteBytes) = (ProcPidFields.Number(text, "read_bytes:"u8), ProcPidFields.Number(text, "write_bytes:"u8));
        }

        if (_status is not null)
        {
            var text = Text(_status, buffer);
            details.VoluntaryContextSwitches = ProcPidFields.Number(text, "voluntary_ctxt_switches:"u8);
            details.InvoluntaryContextSwitches = ProcPidFields.Number(text, "nonvoluntary_ctxt_switches:"u8);
        }

        if (_schedstat is not null)
        {
            details.RunWaitNs = ProcPidFields.RunWaitNs(Text(_schedstat, buffer));
        }
    }

    /// <summary>Closes them.</summary>
    public void Dispose()
    {
        _rollup?.Dispose();
        _io?.Dispose();
        _status?.Dispose();
        _schedstat?.Dispose();
    }

    private static ReadOnlySpan<byte> Text(ProcFile file, Span<byte> buffer) => buffer[..Math.Max(0, file.Read(buffer))];

    // Some files open for everybody and refuse the reading.
    private ProcFile? Open(int pid, string name, ProcessDetails flag)
    {
        if (!_wanted.HasFlag(flag))
        {
            return null;
        }

        var file = ProcFile.TryOpen($"/proc/{pid}/{name}", out var isRefused);
        Span<byte> one = stackalloc byte[1];
        if (file is not null && file.Read(one) <= 0)
        {
            file.Dispose();
            (file, isRefused) = (null, true);
        }

        RefusedCount += isRefused ? 1 : 0;
        return file;
    }
}
