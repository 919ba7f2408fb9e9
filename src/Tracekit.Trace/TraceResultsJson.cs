using System.Text.Json;
using System.Text.Json.Serialization;
using Tracekit.Trace.AccessLog;
using Tracekit.Trace.Merge;
using Tracekit.Trace.OpenDc;
using Tracekit.Trace.Verify;

namespace Tracekit.Trace;

/// <summary>JSON of what export, verify, merge and import return, generated at compile time, for <c>--json</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true)]
[JsonSerializable(typeof(ExportResult))]
[JsonSerializable(typeof(MergeResult))]
[JsonSerializable(typeof(ImportResult))]
[JsonSerializable(typeof(VerifyResult))]
public sealed partial class TraceResultsJson : JsonSerializerContext;
