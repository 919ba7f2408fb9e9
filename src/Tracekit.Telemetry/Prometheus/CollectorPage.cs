using System.Globalization;
using Tracekit.Collect;

namespace Tracekit.Telemetry.Prometheus;

/// <summary>What a collector knows, as a page to scrape. Base units: seconds, bytes, joules, ratios (0 to 1). What is not measured is left out.</summary>
public static class CollectorPage
{
    /// <summary>The page's content type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const double NsPerSecond = 1e9;
    private const double MsPerSecond = 1e3;
    private const double BytesPerKb = 1024;
    private const double BytesPerMb = 1024 * 1024;

    /// <summary>Writes the page in UTF-8. A name that two processes share is told apart by their pids.</summary>
    public static byte[] Format(CollectorSnapshot snapshot)
    {
        var page = new MetricPage();
        Collector(page, snapshot);
        if (snapshot.Host is { } host)
        {
            Host(page, host);
        }

        Processes(page, snapshot.Processes);
        return page.ToUtf8();
    }

    private static void Collector(MetricPage page, CollectorSnapshot snapshot)
    {
        page.Counter("tracekit_collector_ticks_total", "Ticks served.").Sample(snapshot.Counts.Ticks);
        page.Counter("tracekit_collector_missed_ticks_total", "Ticks whose time passed while another was being served.").Sample(snapshot.Counts.MissedTicks);
        page.Counter("tracekit_collector_samples_total", "Process samples taken.").Sample(snapshot.Counts.Samples);
        page.Counter("tracekit_collector_dropped_samples_total", "Samples that could not be written.").Sample(snapshot.Counts.Dropped);
        page.Gauge("tracekit_collector_processes", "Processes that are collected now.").Sample(snapshot.Processes.Count);
    }

    private static void Host(MetricPage page, HostReading host)
    {
        page.Gauge("tracekit_host_sample_timestamp_seconds", "When the machine was last sampled, in seconds since the Unix epoch.").Sample(host.TsMs / MsPerSecond);
        if (host.CpuUtilPercent is { } cpu)
        {
            page.Gauge("tracekit_host_cpu_utilization_ratio", "CPU utilisation of the last interval, of all cores.").Sample(cpu / 100);
        }

        if (host.MemFreeMb is { } free)
        {
            page.Gauge("tracekit_host_memory_free_bytes", "Free memory (MemFree).").Sample(free * BytesPerMb);
        }

        if (host.MemTotalMb is { } total)
        {
            page.Gauge("tracekit_host_memory_total_bytes", "All memory.").Sample(total * BytesPerMb);
        }

        var device = host.Iface ?? "";
        if (host.RxBytes is { } received)
        {
            page.Counter("tracekit_host_network_receive_bytes_total", "Bytes received since boot.").Sample(received, ("device", device));
        }

        if (host.TxBytes is { } sent)
        {
            page.Counter("tracekit_host_network_transmit_bytes_total", "Bytes sent since boot.").Sample(sent, ("device", device));
        }

        if (host.EnergyJoules is { } energy)
        {
            page.Counter("tracekit_host_energy_joules_total", "Energy used since the collector began.").Sample(energy);
        }
    }

    private static void Processes(MetricPage page, IReadOnlyList<ProcessReading> processes)
    {
        if (processes.Count == 0)
        {
            return;
        }

        Each(page.Counter("tracekit_process_cpu_seconds_total", "CPU time since the process began."), processes, p => p.CpuNs / NsPerSecond);
        page.Counter("tracekit_process_cpu_mode_seconds_total", "CPU time since the process began by mode, in steps of a clock tick.");
        foreach (var process in processes)
        {
            var (pid, name) = (Pid(process), process.CommandName);
            page.Sample(process.CpuUserNs / NsPerSecond, ("pid", pid), ("comm", name), ("mode", "user"));
            page.Sample(process.CpuSystemNs / NsPerSecond, ("pid", pid), ("comm", name), ("mode", "system"));
        }

        Each(page.Gauge("tracekit_process_resident_memory_bytes", "Resident set."), processes, p => p.RssKb * BytesPerKb);
        Each(page.Gauge("tracekit_process_start_time_seconds", "When the process started, in seconds since the Unix epoch."), processes, p => p.StartTimeMs / MsPerSecond);
        if (processes.Any(p => p.Threads is not null))
        {
            Each(page.Gauge("tracekit_process_threads", "Threads."), processes.Where(p => p.Threads is not null), p => p.Threads!.Value);
        }
    }

    private static void Each(MetricPage page, IEnumerable<ProcessReading> processes, Func<ProcessReading, double> value)
    {
        foreach (var process in processes)
        {
            page.Sample(value(process), ("pid", Pid(process)), ("comm", process.CommandName));
        }
    }

    private static string Pid(ProcessReading process) => process.Pid.ToString(CultureInfo.InvariantCulture);
}
