using System.Text.Json.Serialization;
using Tracekit.Trace.OpenDc;

namespace Tracekit.Cli;

/// <summary>JSON of what commands print with <c>--json</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ExportResult))]
internal sealed partial class ResultJson : JsonSerializerContext;
