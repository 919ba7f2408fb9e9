using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>What tasks may do on this machine. Whoever can write to the queue can ask for anything, so the worker says what it does.</summary>
public sealed class TaskGuard
{
    private readonly IReadOnlyCollection<string> _allowedPrograms;
    private readonly string? _inputs;
    private readonly string? _outputs;

    /// <summary>A guard.</summary>
    /// <param name="allowedPrograms">Programs that a task's own command may name, spelled just so; ffmpeg tasks need none.</param>
    /// <param name="inputs">The directory that inputs must be in or below; null for anywhere.</param>
    /// <param name="outputs">The same for outputs.</param>
    public TaskGuard(IReadOnlyCollection<string> allowedPrograms, string? inputs, string? outputs)
    {
        _allowedPrograms = allowedPrograms;
        _inputs = inputs is null ? null : Real(inputs);
        _outputs = outputs is null ? null : Real(outputs);
    }

    /// <summary>For tasks that this process made itself.</summary>
    public static TaskGuard None { get; } = new([], null, null);

    /// <summary>Why a task may not run here; null when it may.</summary>
    public string? FaultOf(TaskSpec task)
    {
        if (task.Command is [var program, ..] && !_allowedPrograms.Contains(program))
        {
            return $"program '{Printable.Line(program)}' is not allowed here (worker --allow)";
        }

        if (_inputs is not null && task.Input.Length > 0 && !IsBelow(task.Input, _inputs))
        {
            return $"input '{Printable.Line(task.Input)}' is not below {_inputs} (worker --inputs)";
        }

        return _outputs is not null && task.Output.Length > 0 && !IsBelow(task.Output, _outputs)
            ? $"output '{Printable.Line(task.Output)}' is not below {_outputs} (worker --outputs)"
            : null;
    }

    private static bool IsBelow(string path, string root) => Real(path).StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal);

    // Links on the way are followed, so that none leads out; what is not there yet has none.
    private static string Real(string path)
    {
        var real = "/";
        foreach (var part in Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            real = Target(next) is { } target ? Real(target) : next;
        }

        return real;
    }

    private static string? Target(string path)
    {
        const int MaxLinks = 40;
        var target = path;
        for (var i = 0; i < MaxLinks && new FileInfo(target).LinkTarget is { } link; i++)
        {
            target = Path.GetFullPath(link, Path.GetDirectoryName(target)!);
        }

        return target == path ? null : target;
    }
}
