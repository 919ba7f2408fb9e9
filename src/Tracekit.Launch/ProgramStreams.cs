using Microsoft.Win32.SafeHandles;
using Tracekit.Model;

namespace Tracekit.Launch;

/// <summary>Standard streams of a program whose output goes to a file.</summary>
internal sealed class ProgramStreams : IDisposable
{
    private readonly SafeFileHandle? _input;
    private readonly SafeFileHandle? _output;

    private ProgramStreams(SafeFileHandle? input, SafeFileHandle? output)
    {
        _input = input;
        _output = output;
    }

    /// <summary>File descriptor of /dev/null, or −1 to pass on our own input.</summary>
    public int Input => _input is null ? -1 : (int)_input.DangerousGetHandle();

    /// <summary>File descriptor of the log, or −1 to pass on our own output.</summary>
    public int Output => _output is null ? -1 : (int)_output.DangerousGetHandle();

    /// <summary>Opens /dev/null and the log; with no log, nothing.</summary>
    public static ProgramStreams Open(string? logPath)
    {
        if (logPath is null)
        {
            return new ProgramStreams(null, null);
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(logPath)!);
            return new ProgramStreams(
                File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read),
                File.OpenHandle(logPath, FileMode.Create, FileAccess.Write, FileShare.ReadWrite));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{logPath}: cannot write: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        _input?.Dispose();
        _output?.Dispose();
    }
}
