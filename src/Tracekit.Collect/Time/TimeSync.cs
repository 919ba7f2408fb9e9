using System.Diagnostics;
using System.Globalization;
using Tracekit.Collect.Host;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Time;

/// <summary>One way to set the clock: programs that are run one after the other.</summary>
/// <param name="Name">What it is called in the log.</param>
/// <param name="Commands">Programs with their arguments; the first one must be there for the way to be open.</param>
/// <param name="IsInBackground">True when the programs only ask for it, and the kernel tells when it is done.</param>
internal sealed record TimeSyncWay(string Name, IReadOnlyList<IReadOnlyList<string>> Commands, bool IsInBackground = false);

/// <summary>
/// Synchronising the system clock before a run, as well as this machine lets us: the first of chrony, systemd-timesyncd, ntpdate and sntp that is installed and
/// succeeds. Never more than an attempt: a run begins also without.
/// </summary>
public static class TimeSync
{
    /// <summary>How long one program may take.</summary>
    public static readonly TimeSpan ProgramLimit = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>Writes how the clock stands into the log.</summary>
    /// <exception cref="TracekitException">The log cannot be written.</exception>
    public static void Note(string log, string when) =>
        TimeSyncLog.Append(log, NowMs(), $"{when}: {TimeSyncLog.Describe(SystemClock.Source(), SystemClock.Read())}");

    /// <summary>Tries to synchronise; what was done, and by how much the clock stepped, goes to the log.</summary>
    /// <param name="log">The path of <c>timesync.log</c>.</param>
    /// <param name="pool">A time server for those that need one.</param>
    /// <param name="report">Hears the outcome in one line.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="TracekitException">The log cannot be written.</exception>
    public static void Attempt(string log, string pool, Action<string> report, CancellationToken cancellation)
    {
        var detector = new ClockStepDetector(TimeProvider.System);
        var outcome = Outcome(log, pool, cancellation);
        var step = detector.Look();
        var text = outcome + (step is { } ms ? string.Create(CultureInfo.InvariantCulture, $"; the clock stepped by {ms:+0.000;-0.000} ms") : "");
        TimeSyncLog.Append(log, NowMs(), text);
        report(text);
    }

    /// <summary>True for what may stand as a time server's name in a command: a host name or an address.</summary>
    public static bool IsServerName(string text) =>
        text.Length is > 0 and <= 253 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':');

    /// <summary>The ways, best first.</summary>
    internal static IReadOnlyList<TimeSyncWay> Ways(string pool) =>
    [
        // waitsync: at most 5 looks, 2 s apart, until the correction left is below 10 ms.
        new("chrony", [["chronyc", "makestep"], ["chronyc", "waitsync", "5", "0.01", "0", "2"]]),
        new("systemd-timesyncd", [["timedatectl", "set-ntp", "true"]], IsInBackground: true),
        new("ntpdate", [["ntpdate", "-u", "-t", "2", pool]]),
        new("sntp", [["sntp", "-S", "-t", "5", pool]]),
    ];

    private static string Outcome(string log, string pool, CancellationToken cancellation)
    {
        if (!SystemClock.MaySet())
        {
            return "not synchronised by us: setting the clock needs CAP_SYS_TIME";
        }

        foreach (var way in Ways(pool))
        {
            if (Executable.Find(way.Commands[0][0]) is null)
            {
                continue;
            }

            var fault = way.Commands.Select(c => Fault(c, cancellation)).FirstOrDefault(f => f is not null)
                ?? (way.IsInBackground && !IsSynchronisedSoon(cancellation) ? $"the clock is not synchronised after {ProgramLimit.TotalSeconds:0} s" : null);
            if (fault is null)
            {
                return $"synchronised by {way.Name}";
            }

            TimeSyncLog.Append(log, NowMs(), $"{way.Name}: {fault}");
        }

        return "not synchronised by us: none of chronyc, ntpdate, sntp, timedatectl is installed and succeeded";
    }

    private static bool IsSynchronisedSoon(CancellationToken cancellation)
    {
        var since = Stopwatch.StartNew();
        while (SystemClock.Read() is not { IsSynchronised: true })
        {
            if (since.Elapsed > ProgramLimit)
            {
                return false;
            }

            cancellation.WaitHandle.WaitOne(LookAgain);
            cancellation.ThrowIfCancellationRequested();
        }

        return true;
    }

    private static string? Fault(IReadOnlyList<string> command, CancellationToken cancellation)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.StandardInput.Close();
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(ProgramLimit);
            try
            {
                // What they say is a few lines; a child that they left behind may hold the pipes for longer than the limit.
                var output = process.StandardOutput.ReadToEndAsync(limit.Token);
                var error = process.StandardError.ReadToEndAsync(limit.Token);
                process.WaitForExitAsync(limit.Token).GetAwaiter().GetResult();
                var said = (error.GetAwaiter().GetResult() + output.GetAwaiter().GetResult()).Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "";
                return process.ExitCode == 0 ? null : $"{string.Join(' ', command)}: exit {process.ExitCode} {Printable.Line(said)}";
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                cancellation.ThrowIfCancellationRequested();
                return $"{string.Join(' ', command)}: no end after {ProgramLimit.TotalSeconds:0} s";
            }
        }
        catch (Exception e) when (e is IOException or System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return $"{command[0]}: {e.Message}";
        }
    }

    private static long NowMs() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}
