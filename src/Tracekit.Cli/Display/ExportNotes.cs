using Tracekit.Trace.OpenDc;

namespace Tracekit.Cli.Display;

/// <summary>What an export had to estimate or leave out; nothing for a sound trace.</summary>
internal static class ExportNotes
{
    private const double WorthSayingMs = 0.001;

    /// <summary>One line each.</summary>
    public static void Write(ExportResult export, TextWriter writer)
    {
        foreach (var note in Of(export))
        {
            writer.WriteLine($"  note: {note}");
        }
    }

    private static IEnumerable<string> Of(ExportResult export)
    {
        if (export.Gaps > 0)
        {
            yield return $"{export.Gaps} stretches without samples, {export.GapMs / 1000.0:0.0} s in all, hold {export.GapCpuMs / 1000:0.000} CPU seconds that are known from elsewhere";
        }

        if (export.SpreadChildrenCpuMs > WorthSayingMs)
        {
            yield return $"{export.SpreadChildrenCpuMs / 1000:0.000} CPU seconds of waited-for children are spread over the time before the wait";
        }

        if (export.UnplacedCpuMs + export.OutsideCpuMs > WorthSayingMs)
        {
            yield return $"{(export.UnplacedCpuMs + export.OutsideCpuMs) / 1000:0.000} CPU seconds found no place and are not exported";
        }

        if (export.TasksOverNodeCores > 0)
        {
            yield return $"{export.TasksOverNodeCores} tasks show more CPU time than their node has cores for";
        }

        if (export.WindowsWithoutTask > 0)
        {
            yield return $"{export.WindowsWithoutTask} windows belong to no task";
        }

        if (export.BadLines > 0)
        {
            yield return $"{export.BadLines} lines of the compact trace hold no record";
        }
    }
}
