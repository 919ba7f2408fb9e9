using Tracekit.Model;

namespace Tracekit.Bench;

/// <summary>
/// Writes a node directory as our own launcher and collector would: tasks of a minute to ten, <see cref="Concurrent"/> at a time, sampled
/// every 200 ms in
/// nanoseconds, with start and exit lines. The same seed gives the same files.
/// </summary>
internal sealed class ParseExportWorkload
{
    private const int Concurrent = 64;
    private const int TickMs = 200;
    private const int BufferBytes = 1 << 20;
    private const long T0 = 1_700_000_000_000;

    private readonly Random _random = new(20260101);
    private readonly Job[] _jobs = new Job[Concurrent];
    private readonly byte[] _buffer = new byte[BufferBytes + (16 * 1024)];
    private int _length;
    private int _pid = 1000;

    /// <summary>Tasks written.</summary>
    public int Tasks { get; private set; }

    /// <summary>Sample lines written.</summary>
    public long Lines { get; private set; }

    /// <summary>Writes the directory; samples stop at about <paramref name="sampleBytes"/>.</summary>
    public void Write(RunDirectory node, long sampleBytes)
    {
        Directory.CreateDirectory(node.Path);
        File.WriteAllText(
            node.NodeMeta,
            """{"run_id": "bench", "node": "n1", "stage": "cloud", "host": "h", "iface": null, "cpu_cores": 128, "mem_mb": 262144, "cpu_model": "m", "cpu_freq_mhz": 2400}""");
        using var samples = new FileStream(node.ProcMetrics, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        using var events = new FileStream(node.EventsOf("bench"), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        for (var i = 0; i < Concurrent; i++)
        {
            _jobs[i] = Begin(T0 + i);
        }

        var now = T0 + Concurrent;
        while (samples.Position < sampleBytes)
        {
            now += TickMs;
            for (var i = 0; i < Concurrent; i++)
            {
                Step(i, now, events);
            }

            Flush(samples, BufferBytes);
        }

        for (var i = 0; i < Concurrent; i++)
        {
            End(_jobs[i], now + 1, events);
        }

        Flush(samples, 0);
    }

    private void Step(int i, long now, FileStream events)
    {
        ref var job = ref _jobs[i];
        if (now >= job.EndMs)
        {
            End(job, Math.Max(job.EndMs, job.LastMs + 1), events);
            job = Begin(Math.Max(job.EndMs, job.LastMs + 1));
            return;
        }

        job.CpuNs += (now - job.LastMs) * (1_000_000L - _random.Next(600_000));
        job.RssKb = 80_000 + _random.Next(40_000);
        job.LastMs = now;
        Append(new ProcessSample(now, job.Pid, job.RssKb, job.CpuNs / 12_000_000, job.CpuNs / 60_000_000, job.CpuNs));
    }

    private Job Begin(long atMs)
    {
        // Pids come back, as they do on a machine.
        _pid = _pid >= 60_000 ? 1000 : _pid + 1 + _random.Next(10);
        Append(new ProcessSample(atMs, _pid, 0, 0, 0, 0, 0, SampleKind.Start));
        return new Job { Pid = _pid, StartMs = atMs, LastMs = atMs, EndMs = atMs + 60_000 + _random.Next(540_000) };
    }

    private void End(Job job, long atMs, FileStream events)
    {
        job.CpuNs += (atMs - job.LastMs) * 500_000;
        Append(new ProcessSample(atMs, job.Pid, 120_000, job.CpuNs / 12_000_000, job.CpuNs / 60_000_000, job.CpuNs, 0, SampleKind.Exit));
        Tasks++;
        events.Write(JsonLines.Serialize(
            new Invocation
            {
                TraceId = new Guid(Tasks, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]).ToString(),
                ModuleId = "ffmpeg",
                TsEnqueue = job.StartMs - 20,
                TsStart = job.StartMs,
                TsEnd = atMs,
                Node = "n1",
                Stage = "cloud",
                Method = "CLI",
                Path = "ffmpeg",
                Input = "gen_1280x720_10s.mp4",
                Pid = job.Pid,
                Status = 0,
                CpuTimeMs = job.CpuNs / 1e6,
                CpuChildrenMs = 0,
                MaxRssKb = 120_000,
                Profile = "medium480p",
                CpuUnits = 2,
            },
            TraceJson.Default.Invocation));
    }

    private void Append(in ProcessSample sample)
    {
        _length += sample.Format(_buffer.AsSpan(_length));
        Lines++;
    }

    private void Flush(FileStream samples, int above)
    {
        if (_length >= above)
        {
            samples.Write(_buffer, 0, _length);
            _length = 0;
        }
    }

    private struct Job
    {
        public int Pid;
        public long StartMs;
        public long EndMs;
        public long LastMs;
        public long CpuNs;
        public long RssKb;
    }
}
