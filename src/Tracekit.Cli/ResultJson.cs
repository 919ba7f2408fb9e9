using System.Text.Json.Serialization;
using Tracekit.Cli.Collect;
using Tracekit.Cli.Run;
using Tracekit.Schedule;

namespace Tracekit.Cli;

/// <summary>JSON of what commands print with <c>--json</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(ControlStatus))]
[JsonSerializable(typeof(IReadOnlyList<CollectReport>))]
internal sealed partial class ResultJson : JsonSerializerContext;
