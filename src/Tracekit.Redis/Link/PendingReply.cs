using System.Threading.Tasks.Sources;

namespace Tracekit.Redis;

/// <summary>
/// The place that a reply goes to. The caller's side ends once: with the reply, an error, or a cancellation. The link's side ends once too, when the
/// reply has come or never will: only then is the room in flight given back. An object is used for one command and never again, so that a late
/// reply cannot meet a later command.
/// </summary>
internal sealed class PendingReply : IValueTaskSource<RespValue>
{
    private readonly InFlightGate? _gate;
    private readonly int _bytes;
    private ManualResetValueTaskSourceCore<RespValue> _source = new() { RunContinuationsAsynchronously = true };
    private int _isToldToCaller;
    private int _isOver;

    /// <summary>A place for the reply of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="gate">Where its room in flight is given back.</param>
    /// <param name="allowance">How long the server may take beyond the command timeout: a blocking command's own timeout.</param>
    public PendingReply(RespCommand command, InFlightGate? gate = null, TimeSpan allowance = default)
    {
        Name = command.Name;
        Allowance = allowance;
        _gate = gate;
        _bytes = command.EncodedLength;
    }

    public string Name { get; }

    public TimeSpan Allowance { get; }

    /// <summary>Its place in the order of commands on its link.</summary>
    public long Sequence { get; set; }

    public ValueTask<RespValue> Reply => new(this, _source.Version);

    /// <summary>The reply has come.</summary>
    public void Complete(RespValue value)
    {
        Leave();
        if (Interlocked.Exchange(ref _isToldToCaller, 1) == 0)
        {
            _source.SetResult(value);
        }
    }

    /// <summary>The reply will not come.</summary>
    public void Fail(Exception reason)
    {
        Leave();
        TellCaller(reason);
    }

    /// <summary>The caller waits no longer; the reply, when it comes, is dropped.</summary>
    public void Cancel(CancellationToken cancellation) => TellCaller(new OperationCanceledException(cancellation));

    /// <summary>The command was never given to a link.</summary>
    public void Leave()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            _gate?.Exit(_bytes);
        }
    }

    RespValue IValueTaskSource<RespValue>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<RespValue>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<RespValue>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void TellCaller(Exception reason)
    {
        if (Interlocked.Exchange(ref _isToldToCaller, 1) == 0)
        {
            _source.SetException(reason);
        }
    }
}
