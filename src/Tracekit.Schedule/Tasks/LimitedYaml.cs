using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tracekit.Schedule;

/// <summary>
/// Lets the events of a YAML parser through while they stay within what a small settings file needs. Deep nesting would overflow the stack of
/// the recursive reader behind it, and aliases would let a small file stand for a huge one.
/// </summary>
/// <param name="inner">The parser over the text.</param>
internal sealed class LimitedYaml(IParser inner) : IParser
{
    /// <summary>The deepest nesting: a list inside a profile inside the document is three.</summary>
    public const int MaxDepth = 8;

    /// <summary>The most events: scalars, and starts and ends of everything else.</summary>
    public const int MaxEvents = 100_000;

    private int _depth;
    private int _events;

    /// <inheritdoc/>
    public ParsingEvent? Current => inner.Current;

    /// <inheritdoc/>
    /// <exception cref="YamlException">The text goes beyond a limit.</exception>
    public bool MoveNext()
    {
        if (!inner.MoveNext())
        {
            return false;
        }

        var current = inner.Current!;
        _depth += current.NestingIncrease;
        _events++;
        if (current is AnchorAlias || (current is NodeEvent node && !node.Anchor.IsEmpty))
        {
            throw new YamlException(current.Start, current.End, "anchors and aliases are not read here; write the value out");
        }

        if (_depth > MaxDepth)
        {
            throw new YamlException(current.Start, current.End, $"nested deeper than {MaxDepth} levels");
        }

        return _events <= MaxEvents ? true : throw new YamlException(current.Start, current.End, $"more than {MaxEvents} values");
    }
}
