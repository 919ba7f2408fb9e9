namespace Tracekit.Trace;

/// <summary>How far a long step has come.</summary>
/// <param name="Step">What is being done: <c>parse</c> or <c>export</c>.</param>
/// <param name="BytesDone">Bytes of the step's largest file that are done.</param>
/// <param name="BytesTotal">All its bytes.</param>
public readonly record struct TraceProgress(string Step, long BytesDone, long BytesTotal);
