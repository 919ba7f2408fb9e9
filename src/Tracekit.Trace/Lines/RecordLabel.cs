using System.Text.Json;

namespace Tracekit.Trace.Lines;

/// <summary>The node and stage that a record is given where it does not say them itself, spelled as JSON once for all lines.</summary>
/// <param name="node">The node's id.</param>
/// <param name="stage">Its stage; null where it is not known, or where records are to be left without.</param>
internal sealed class RecordLabel(string? node, string? stage)
{
    private readonly byte[] _node = Quoted(node);
    private readonly byte[] _stage = Quoted(stage);

    /// <summary>The node's id with its quotation marks; empty for none.</summary>
    public ReadOnlySpan<byte> Node => _node;

    /// <summary>The stage with its quotation marks; empty for none.</summary>
    public ReadOnlySpan<byte> Stage => _stage;

    private static byte[] Quoted(string? text) => text is null ? [] : [(byte)'"', .. JsonEncodedText.Encode(text).EncodedUtf8Bytes, (byte)'"'];
}
