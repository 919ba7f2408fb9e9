using Tracekit.Trace.Audit;

namespace Tracekit.Trace.Parse;

/// <summary>What parsing a node directory came to.</summary>
/// <param name="Node">The node's id.</param>
/// <param name="Invocations">Tasks in the compact trace.</param>
/// <param name="Windows">Windows in the compact trace.</param>
/// <param name="Audit">What is wrong with the run, and how good it is.</param>
public sealed record ParseResult(string Node, long Invocations, long Windows, AuditReport Audit);
