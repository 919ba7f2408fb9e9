using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>An existing control group, of version 1 or 2, given by its directory (cgroups(7)).</summary>
/// <param name="path">For example <c>/sys/fs/cgroup/cpu/batch</c>.</param>
public sealed class CgroupDirectory(string path) : IControlGroup
{
    private readonly string _procs = Path.Combine(path, "cgroup.procs");

    /// <summary>Fails when the directory is no control group.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public void Check()
    {
        if (!File.Exists(_procs))
        {
            throw new UsageException($"{Printable.Line(path)}: no control group there (no cgroup.procs in it)");
        }
    }

    /// <inheritdoc/>
    public void Add(int pid)
    {
        try
        {
            File.WriteAllText(_procs, pid.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{_procs}: cannot move pid {pid} in: {e.Message}", e);
        }
    }
}
