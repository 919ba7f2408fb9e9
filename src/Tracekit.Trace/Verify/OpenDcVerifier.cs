using Tracekit.Parquet;
using Tracekit.Trace.OpenDc;
using Tracekit.Trace.Tasks;

namespace Tracekit.Trace.Verify;

/// <summary>
/// Checks that a directory holds a sound OpenDC workload: the schema, the tasks, the fragments, and that they belong together. One pass
/// over each file; memory is
/// O(tasks). Files of older schemas are read and named as such.
/// </summary>
public static class OpenDcVerifier
{
    /// <summary>Verifies <c>tasks.parquet</c> and <c>fragments.parquet</c> in a directory.</summary>
    /// <exception cref="UsageException">A file is not there.</exception>
    /// <exception cref="TraceFormatException">A file is damaged: which, and at which byte.</exception>
    /// <exception cref="TracekitException">A file cannot be read.</exception>
    public static VerifyResult Verify(string directory)
    {
        var files = new OpenDcDirectory(directory);
        foreach (var file in (string[])[files.Tasks, files.Fragments])
        {
            if (!File.Exists(file))
            {
                throw new UsageException($"{file}: no such file; give a directory with tasks.parquet and fragments.parquet, as `tracekit export opendc` writes it");
            }
        }

        try
        {
            return Verify(files);
        }
        catch (ParquetFormatException e)
        {
            throw new TraceFormatException(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{directory}: cannot read: {e.Message}", e);
        }
    }

    private static VerifyResult Verify(OpenDcDirectory files)
    {
        var faults = new FaultList();
        var tasks = new TaskRows(faults);
        var fragments = new FragmentRows(tasks, faults);
        VerifyFile taskFile;
        VerifyFile fragmentFile;
        using (var reader = ParquetReader.Open(files.Tasks))
        {
            taskFile = SchemaCheck.Check("tasks.parquet", reader, ExpectedColumns.Tasks, faults);
            tasks.Read(reader);
            tasks.CheckRelatives(reader, "parents");
            tasks.CheckRelatives(reader, "children");
        }

        using (var reader = ParquetReader.Open(files.Fragments))
        {
            fragmentFile = SchemaCheck.Check("fragments.parquet", reader, ExpectedColumns.Fragments, faults);
            fragments.Read(reader);
            fragments.CheckTasks();
        }

        long taskMs = 0;
        foreach (ref readonly var task in tasks.Rows)
        {
            taskMs = Amount.Add(taskMs, Math.Max(0, task.DurationMs));
        }

        var all = faults.All();
        return new VerifyResult
        {
            Directory = files.Path,
            Ok = all.All(f => f.Severity < VerifySeverity.Error),
            Faults = all,
            Files = [taskFile, fragmentFile],
            Tasks = tasks.Rows.Length,
            Fragments = fragments.Count,
            FragmentRuns = fragments.Runs,
            TaskMs = taskMs,
            FragmentMs = fragments.DurationMs,
            MhzMs = fragments.MhzMs,
        };
    }
}
