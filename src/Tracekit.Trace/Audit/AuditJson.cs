using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tracekit.Trace.Audit;

/// <summary>JSON of the audit, generated at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(AuditReport))]
public sealed partial class AuditJson : JsonSerializerContext;
