using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tracekit.Model;

/// <summary>JSON of the records, generated at compile time; names in snake_case as the contracts have them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(Invocation))]
[JsonSerializable(typeof(CtsInvocation))]
[JsonSerializable(typeof(NodeMeta))]
[JsonSerializable(typeof(LinkMeta))]
[JsonSerializable(typeof(CtsNode))]
[JsonSerializable(typeof(CtsNode[]))]
public sealed partial class TraceJson : JsonSerializerContext
{
    /// <summary>The same records, indented.</summary>
    public static TraceJson Indented => field ??= new TraceJson(
        new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true });
}
