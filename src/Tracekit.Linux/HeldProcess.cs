using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>A process that exists and waits before its program's first instruction.</summary>
public sealed class HeldProcess
{
    private readonly ChildScript _script;

    internal HeldProcess(int pid, ChildScript script)
    {
        Pid = pid;
        _script = script;
    }

    /// <summary>Its process id, the same that the program will have.</summary>
    public int Pid { get; }

    /// <summary>
    /// Lets it execute its program; returns when that has begun. Null when it has, else one line that says why not; the process has then ended
    /// and is to be waited for all the same.
    /// </summary>
    public string? Release() => Leave(goOn: true);

    /// <summary>Sends it away: the program is never executed. The process is to be waited for.</summary>
    public void Abandon() => _ = Leave(goOn: false);

    private string? Leave(bool goOn)
    {
        var error = _script.OpenGate(Pid, goOn);
        _script.Dispose();
        return error;
    }
}
