using System.Text;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>
/// A list of system calls for a child, with all memory that they point to, in a slot of the <see cref="SpawnArena"/>: the child, the spawner and
/// this process all see it.
/// </summary>
internal sealed unsafe class ChildScript : IDisposable
{
    private const int StackBytes = 4 * 1024;
    private const int SigSetMask = 2;
    private const int SignalSetBytes = 8;
    private const long LookAgainNs = 1_000_000_000;

    private readonly List<(CloneCode.Step Step, string Does)> _steps = [];
    private readonly SpawnArena.Slot _memory = SpawnArena.Rent();
    private CloneCode.Block* _block;
    private CloneCode.Step* _first;

    /// <summary>Adds a system call that must return <paramref name="least"/> to <paramref name="greatest"/>; <paramref name="does"/> names it in errors.</summary>
    public void Call(string does, long number, long a = 0, long b = 0, long c = 0, long d = 0, long least = 0, long greatest = long.MaxValue) =>
        _steps.Add((new CloneCode.Step { Number = number, A = a, B = b, C = c, D = d, Least = least, Greatest = greatest }, does));

    /// <summary>Adds the gate: the child waits there until <see cref="OpenGate"/>.</summary>
    public void Gate() => _steps.Add((new CloneCode.Step { Number = CloneCode.GateStep }, "wait at the gate"));

    /// <summary>Adds the entry at which the child becomes a spawner.</summary>
    public void Serve() => _steps.Add((new CloneCode.Step { Number = CloneCode.ServeStep }, "serve"));

    /// <summary>Memory of the script that is zero.</summary>
    public nint Zeroed(int bytes) => _memory.Zeroed(bytes);

    /// <summary>A C string.</summary>
    public nint Text(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        var memory = Zeroed(bytes + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>((void*)memory, bytes));
        return memory;
    }

    /// <summary>A list of C strings, ended by a null pointer.</summary>
    public nint TextList(IReadOnlyCollection<string> texts)
    {
        var list = (nint*)Zeroed((texts.Count + 1) * sizeof(nint));
        var i = 0;
        foreach (var text in texts)
        {
            list[i++] = Text(text);
        }

        return (nint)list;
    }

    /// <summary>Puts the list in its place, with a stack for the child; returns what the machine code needs.</summary>
    /// <param name="cloneFlags">Flags of clone(2), with the signal that tells of the child's end.</param>
    public CloneCode.Block* Complete(long cloneFlags)
    {
        var stack = Zeroed(StackBytes);
        _block = (CloneCode.Block*)Zeroed(sizeof(CloneCode.Block));
        _first = (CloneCode.Step*)Zeroed(_steps.Count * sizeof(CloneCode.Step));
        for (var i = 0; i < _steps.Count; i++)
        {
            _first[i] = _steps[i].Step;
        }

        *_block = new CloneCode.Block
        {
            Flags = cloneFlags,
            StackTop = (stack + StackBytes) & ~0xF,
            Steps = (nint)_first,
            ChildTid = 1,
        };
        return _block;
    }

    /// <summary>Lets the child go on, or sends it away; returns when it has left the shared memory. Null when it executed its program, else why not.</summary>
    /// <param name="pid">The child.</param>
    /// <param name="goOn">False sends it away.</param>
    public string? OpenGate(int pid, bool goOn)
    {
        Volatile.Write(ref _block->Gate, goOn ? 1 : 2);
        Futex.Wake(&_block->Gate);
        while (Volatile.Read(ref _block->ChildTid) is var tid && tid != 0)
        {
            // The kernel tells of the child's leaving only while the spawner shares that memory. Should somebody have killed it, look for ourselves.
            if (!Futex.Wait(&_block->ChildTid, tid, LookAgainNs) && (ChildProcess.HasEnded(pid) || !Spawner.IsAlive()))
            {
                break;
            }
        }

        if (_block->FailedStep == 0)
        {
            return null;
        }

        var failed = _steps[(int)((CloneCode.Step*)_block->FailedStep - _first)];
        return $"cannot {failed.Does}: {Libc.ErrorText((int)-_block->FailedResult)}";
    }

    /// <summary>Gives the memory back. Only when the child has left it, or was never started.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>Adds the calls that give every signal its default action, but for those that this process was started to ignore.</summary>
    public void DefaultSignals()
    {
        const int LastSignal = 64;
        const int SigKill = 9;
        const int SigPipe = 13;
        const int SigStop = 19;
        const int ActionBytes = 32;
        const nint Ignore = 1;
        var byDefault = Zeroed(ActionBytes);
        var current = (nint*)Zeroed(ActionBytes);
        for (var signal = 1; signal <= LastSignal; signal++)
        {
            if (signal is SigKill or SigStop
                || Libc.SysCall((nint)SystemCall.SignalAction, signal, 0, (nint)current, SignalSetBytes, 0, 0) != 0
                || *current == 0
                || (*current == Ignore && signal != SigPipe))
            {
                // The runtime ignores SIGPIPE for itself; a program expects it.
                continue;
            }

            Call("reset a signal", SystemCall.SignalAction, signal, byDefault, 0, SignalSetBytes);
        }
    }

    /// <summary>Adds the call that lets all signals in.</summary>
    public void UnblockSignals() => Call("unblock signals", SystemCall.SignalProcMask, SigSetMask, Zeroed(SignalSetBytes), 0, SignalSetBytes);
}
