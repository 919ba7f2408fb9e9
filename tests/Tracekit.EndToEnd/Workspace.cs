using Tracekit.Model;

namespace Tracekit.EndToEnd;

/// <summary>A working directory with the program in it, and short test videos that all tests share.</summary>
public sealed class Workspace : IDisposable
{
    private static readonly Lazy<string> SharedVideos = new(MakeVideos);

    private readonly TemporaryDirectory _directory = new();

    public Workspace() => Tracekit = new TracekitProgram(_directory.Path);

    /// <summary>The program.</summary>
    internal TracekitProgram Tracekit { get; }

    /// <summary>The directory.</summary>
    public string Path => _directory.Path;

    /// <summary>A directory of inputs of this test's own: <paramref name="count"/> good videos of one second, 640x360.</summary>
    public string Inputs(int count = 2)
    {
        var directory = Directory.CreateDirectory(File("inputs")).FullName;
        foreach (var video in Directory.GetFiles(SharedVideos.Value, "*.mp4").Order().Take(count))
        {
            System.IO.File.Copy(video, System.IO.Path.Combine(directory, System.IO.Path.GetFileName(video)));
        }

        return directory;
    }

    /// <summary>The path of a file here.</summary>
    public string File(string name) => _directory.File(name);

    /// <summary>A file with the given text.</summary>
    public string Write(string name, string text) => _directory.Write(name, text);

    /// <summary>The node directory of a run.</summary>
    public RunDirectory Run(string runId) => new(File($"logs/{runId}"));

    /// <summary>The invocations that a run recorded.</summary>
    public List<Invocation> Invocations(string runId)
    {
        var all = new List<Invocation>();
        foreach (var source in Run(runId).EventSources())
        {
            JsonLines.Read(source, TraceJson.Default.Invocation, all.Add);
        }

        return all;
    }

    public void Dispose() => _directory.Dispose();

    private static string MakeVideos()
    {
        var directory = Directory.CreateTempSubdirectory("tracekit-videos-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        new TracekitProgram(directory).Succeed(
            "generate-inputs", "--output", directory, "--count", "3", "--durations", "1", "--size", "640x360", "--seed", "1");
        return directory;
    }
}
