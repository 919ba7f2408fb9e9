using System.Text;

namespace Tracekit.EndToEnd;

/// <summary>Looks, over and over, whether a secret stands on the command line of any process.</summary>
internal sealed class SecretWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly string _secret;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _looking;
    private volatile string? _seen;
    private int _looks;

    public SecretWatch(string secret)
    {
        _secret = secret;
        _looking = Task.Run(LookAsync);
    }

    /// <summary>Fails where the secret was seen, or nobody has looked.</summary>
    public void AssertNeverSeen()
    {
        Assert.Null(_seen);
        Assert.True(_looks > 0);
    }

    /// <summary>The processes whose command line holds a text.</summary>
    public static List<string> CommandLinesWith(string text) =>
        [.. Directory.GetDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])).Select(CommandLine).Where(c => c.Contains(text, StringComparison.Ordinal))];

    public void Dispose()
    {
        _ending.Cancel();
        _looking.Wait();
        _ending.Dispose();
    }

    private async Task LookAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            _seen ??= CommandLinesWith(_secret).FirstOrDefault();
            _looks++;
            await Task.WhenAny(Task.Delay(Interval, _ending.Token));
        }
    }

    private static string CommandLine(string process)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(process, "cmdline")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
