using System.Diagnostics;
using System.Text.Json;

namespace Tracekit.Containers.Tests;

/// <summary>The built program, asked for a container by its name, with a real engine.</summary>
public sealed class CollectContainerTests(DockerEngine docker) : IClassFixture<DockerEngine>, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Processes_of_a_container_are_collected_by_its_name_also_those_born_later_and_after_its_restart()
    {
        var name = await docker.RunAsync("while :; do sleep 0.05; done");
        using var collector = Start("collect", "run", "--run-id", "r", "--node-id", "n", "--container", name, "--interval-ms", "20");
        await Eventually.Holds(() => Events("start", "sleep") > 5);
        var container = await docker.Client.InspectAsync(name, None);
        Assert.Contains(container.State.Pid, Pids());

        await docker.Client.KillAsync(name, 9, None);
        await docker.Client.StartAsync(name, None);
        var after = (await docker.Client.InspectAsync(name, None)).State.Pid;
        await Eventually.Holds(() => Pids().Contains(after));
        var then = Events("exit", "sleep");
        await Eventually.Holds(() => Events("exit", "sleep") > then + 5);

        using (Process.Start("kill", ["-TERM", $"{collector.Id}"]))
        {
            await collector.WaitForExitAsync(None).WaitAsync(EndLimit);
        }

        Assert.Equal(0, collector.ExitCode);
        Assert.Contains(Lines("cgroups.jsonl"), l => l.GetProperty("cgroup").GetString()!.Contains(container.Id, StringComparison.Ordinal));
        Assert.DoesNotContain(collector.Id, Pids());
        await docker.Client.RemoveAsync(name, force: true, None);
    }

    [Fact]
    public async Task A_container_that_is_not_there_is_told_in_one_line()
    {
        using var collector = Start("collect", "run", "--run-id", "r", "--container", "nobody");

        var told = await collector.StandardError.ReadToEndAsync(None).WaitAsync(EndLimit);

        await collector.WaitForExitAsync(None);
        Assert.Equal(1, collector.ExitCode);
        Assert.Contains("nobody", told.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
    }

    private Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "bin/tracekit"), arguments)
    {
        WorkingDirectory = _directory.Path,
        Environment = { ["DOCKER_HOST"] = $"unix://{docker.Endpoint.SocketPath}" },
        RedirectStandardError = true,
    })!;

    private int Events(string what, string name) =>
        Lines("processes.jsonl").Count(l => l.GetProperty("event").GetString() == what && (what == "start" || l.GetProperty("name").GetString() == name));

    private HashSet<int> Pids() => [.. Lines("proc_metrics.jsonl").Select(l => l.GetProperty("pid").GetInt32())];

    // The last line may be half written.
    private IEnumerable<JsonElement> Lines(string file)
    {
        var path = _directory.File($"logs/r/{file}");
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement);
    }
}
