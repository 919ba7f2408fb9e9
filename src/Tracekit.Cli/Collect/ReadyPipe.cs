using System.Globalization;
using System.Text;
using Tracekit.Model;

namespace Tracekit.Cli.Collect;

/// <summary>How a collector in the background tells the one who started it that it samples, or why it does not; then they part.</summary>
/// <param name="starter">What was standard output.</param>
internal sealed class ReadyPipe(FileStream starter) : IDisposable
{
    /// <summary>The first line when all is well; what follows is for the user.</summary>
    public const string ReadyWord = "ready";

    /// <summary>The last line: the starter need not wait for the pipe's end, which the runtime may hold a copy of.</summary>
    public const string EndWord = ".";

    private const string WrongWord = "wrong";
    private const string FailedWord = "failed";

    /// <summary>Tells that sampling has begun.</summary>
    public void Ready(IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
        {
            Log.Line(line);
        }

        Tell(string.Join('\n', [ReadyWord, .. lines]));
    }

    /// <summary>Tells that it has failed, unless it was ready before.</summary>
    public void Failed(Exception e) =>
        Tell(string.Create(CultureInfo.InvariantCulture, $"{(e is UsageException ? WrongWord : FailedWord)} {e.Message.ReplaceLineEndings(" ")}"));

    /// <summary>The failure that a line tells of; null for another line.</summary>
    public static TracekitException? Fault(string line) => line.Split(' ', 2) switch
    {
        [WrongWord, var message] => new UsageException(message),
        [FailedWord, var message] => new TracekitException(message),
        _ => null,
    };

    /// <summary>Parts from the starter.</summary>
    public void Dispose() => starter.Dispose();

    private void Tell(string text)
    {
        try
        {
            starter.Write(Encoding.UTF8.GetBytes($"{text}\n{EndWord}\n"));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The starter was killed meanwhile, or has heard already.
            _ = e;
        }

        starter.Dispose();
    }
}
