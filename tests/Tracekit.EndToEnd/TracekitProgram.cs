using System.Diagnostics;
using System.Text;

namespace Tracekit.EndToEnd;

/// <summary>How a run of the built program ended.</summary>
internal sealed record Ended(int ExitCode, string Output, string Error);

/// <summary>The built program, <c>bin/tracekit</c>, in a working directory of the test's own.</summary>
internal sealed class TracekitProgram(string workingDirectory)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    public static readonly string Program = Path.Combine(Repository.Root, "bin", "tracekit");

    /// <summary>Environment variables beside ours.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>A command in front of the program's, which it is run through; it must become the program.</summary>
    public IReadOnlyList<string> Through { get; init; } = [];

    /// <summary>Runs it to its end.</summary>
    public Ended Run(params string[] arguments)
    {
        using var running = Start(arguments);
        return running.End();
    }

    /// <summary>Runs it to its end and expects exit code 0.</summary>
    public Ended Succeed(params string[] arguments)
    {
        var ended = Run(arguments);
        Assert.True(ended.ExitCode == 0, $"tracekit {string.Join(' ', arguments)} gave {ended.ExitCode}: {ended.Error}{ended.Output}");
        return ended;
    }

    /// <summary>Starts it.</summary>
    public RunningTracekit Start(params string[] arguments)
    {
        Assert.True(File.Exists(Program), $"{Program} is missing: run make build");
        string[] command = [.. Through, Program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return new RunningTracekit(Process.Start(start)!);
    }

    /// <summary>The program while it runs.</summary>
    internal sealed class RunningTracekit : IDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _error = new();
        private readonly Task<string> _output;
        private readonly Task _errors;

        public RunningTracekit(Process process)
        {
            _process = process;
            process.StandardInput.Close();
            _output = process.StandardOutput.ReadToEndAsync();
            _errors = Task.Run(() =>
            {
                while (process.StandardError.ReadLine() is { } line)
                {
                    lock (_error)
                    {
                        _error.AppendLine(line);
                    }
                }
            });
        }

        public int Pid => _process.Id;

        public bool HasEnded => _process.HasExited;

        public int ExitCode => _process.ExitCode;

        public string ErrorSoFar
        {
            get
            {
                lock (_error)
                {
                    return _error.ToString();
                }
            }
        }

        public Ended End()
        {
            Assert.True(_process.WaitForExit(Limit), $"not ended after {Limit}: {ErrorSoFar}");
            Assert.True(Task.WhenAll(_output, _errors).Wait(Limit), "its output stays open: a child was left behind");
            return new Ended(_process.ExitCode, _output.Result, ErrorSoFar);
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            _process.Dispose();
        }
    }
}
