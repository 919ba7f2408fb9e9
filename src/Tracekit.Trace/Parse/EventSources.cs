using Microsoft.Win32.SafeHandles;

namespace Tracekit.Trace.Parse;

/// <summary>Reads single lines from many files with few of them open: every task may have written a file of its own.</summary>
/// <param name="paths">The files.</param>
internal sealed class EventSources(IReadOnlyList<string> paths) : IDisposable
{
    /// <summary>The most files open at once.</summary>
    public const int MaxOpenFiles = 64;

    private readonly Dictionary<int, SafeFileHandle> _open = [];
    private readonly Queue<int> _opened = [];
    private byte[] _line = new byte[4096];

    /// <summary>The line, without its line feed; valid until the next one is read.</summary>
    /// <exception cref="TracekitException">The file cannot be read, or is shorter now than it was.</exception>
    public ReadOnlySpan<byte> Read(EventRef at)
    {
        if (_line.Length < at.Length)
        {
            _line = new byte[Math.Max(at.Length, _line.Length * 2)];
        }

        var line = _line.AsSpan(0, at.Length);
        try
        {
            var file = Open(at.Source);
            for (var filled = 0; filled < line.Length;)
            {
                var read = RandomAccess.Read(file, line[filled..], at.Offset + filled);
                filled += read > 0 ? read : throw new TracekitException($"{paths[at.Source]}: became shorter while it was read; parse again when its writer is done");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{paths[at.Source]}: cannot read: {e.Message}", e);
        }

        return line;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _open.Values)
        {
            file.Dispose();
        }
    }

    private SafeFileHandle Open(int source)
    {
        if (_open.TryGetValue(source, out var file))
        {
            return file;
        }

        if (_opened.Count == MaxOpenFiles && _open.Remove(_opened.Dequeue(), out var oldest))
        {
            oldest.Dispose();
        }

        file = File.OpenHandle(paths[source], FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        _open.Add(source, file);
        _opened.Enqueue(source);
        return file;
    }
}
