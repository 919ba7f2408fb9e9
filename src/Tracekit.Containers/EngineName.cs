using System.Text.RegularExpressions;
using Tracekit.Model;

namespace Tracekit.Containers;

/// <summary>The grammars of the engine's names. Checked before a URL is built from one, so that no name can reach another call.</summary>
internal static partial class EngineName
{
    private const int MaxLength = 255;

    /// <summary>A container: its name (<c>[a-zA-Z0-9][a-zA-Z0-9_.-]+</c>), its id, or the beginning of its id.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static string CheckContainer(string name) => name.Length <= MaxLength && Container().IsMatch(name)
        ? name
        : throw new UsageException(
            $"container '{Printable.Line(name)}': use its id, or a name of 2 to {MaxLength} letters, digits, '_', '.' or '-', starting with a letter or digit");

    /// <summary>An image: <c>[host[:port]/]path[:tag][@digest]</c> or its id.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static string CheckImage(string reference) => reference.Length <= MaxLength && Image().IsMatch(reference)
        ? reference
        : throw new UsageException($"image '{Printable.Line(reference)}': write [HOST[:PORT]/]PATH[:TAG][@DIGEST], for example busybox:1.36, or its id");

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9_.-]+\z")]
    private static partial Regex Container();

    // Every '/' and ':' stands between characters of a name, so that neither "." nor ".." can be a path segment.
    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9_.-]*([/:@][a-zA-Z0-9_][a-zA-Z0-9_.-]*)*\z")]
    private static partial Regex Image();
}
