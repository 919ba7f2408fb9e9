using System.Net.Sockets;

namespace Tracekit.Containers.Tests;

/// <summary>An engine that is not there, may not be talked to, dies, hangs, or is none.</summary>
public sealed class EngineFailureTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task No_socket_is_told_with_what_to_do()
    {
        using var directory = new TemporaryDirectory();
        var e = await ContainerEngineTests.Fails(() => ContainerEngine.ConnectAsync(new EngineEndpoint(directory.File("none.sock")), None));
        Assert.Equal(EngineFault.NotThere, e.Fault);
        ContainerEngineTests.AssertOneLine(e, "DOCKER_HOST=unix://");
    }

    [Fact]
    public async Task A_socket_that_nobody_listens_at_is_told()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("dead.sock");
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            var e = await ContainerEngineTests.Fails(() => ContainerEngine.ConnectAsync(new EngineEndpoint(path), None));
            Assert.Equal(EngineFault.NotThere, e.Fault);
            ContainerEngineTests.AssertOneLine(e, path);
        }
    }

    [Fact]
    public async Task What_is_no_engine_is_told()
    {
        using var directory = new TemporaryDirectory();
        using var socket = Listen(directory.File("other.sock"));
        var other = AnswerAsync(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        var e = await ContainerEngineTests.Fails(() => ContainerEngine.ConnectAsync(new EngineEndpoint(directory.File("other.sock")), None));
        await other;
        Assert.Equal(EngineFault.Refused, e.Fault);
        ContainerEngineTests.AssertOneLine(e, "not one of a container engine");
    }

    [Fact]
    public async Task An_engine_without_a_common_api_is_told()
    {
        using var directory = new TemporaryDirectory();
        using var socket = Listen(directory.File("old.sock"));
        var other = AnswerAsync(socket, "HTTP/1.1 200 OK\r\nApi-Version: 1.12\r\nContent-Length: 2\r\n\r\nOK");
        var e = await ContainerEngineTests.Fails(() => ContainerEngine.ConnectAsync(new EngineEndpoint(directory.File("old.sock")), None));
        await other;
        ContainerEngineTests.AssertOneLine(e, "1.12");
    }

    [Fact]
    public async Task An_engine_that_dies_in_the_middle_of_a_call_is_told_and_found_again()
    {
        var docker = new DockerEngine();
        await docker.InitializeAsync();
        try
        {
            var name = await docker.RunAsync("trap 'exit 0' TERM; while :; do sleep 0.1; done");
            var wait = docker.Client.WaitAsync(name, None);
            var events = EventsAsync(docker.Client, name);
            await docker.KillAsync();
            var e = await ContainerEngineTests.Fails(() => wait.WaitAsync(Limit));
            Assert.Equal(EngineFault.Interrupted, e.Fault);
            ContainerEngineTests.AssertOneLine(e, "wait for container " + name);
            Assert.Contains((await ContainerEngineTests.Fails(() => events.WaitAsync(Limit))).Fault, new[] { EngineFault.Interrupted, EngineFault.NotThere });
            Assert.Equal(EngineFault.NotThere, (await ContainerEngineTests.Fails(() => docker.Client.PingAsync(None))).Fault);

            await docker.StartAsync();
            Assert.Equal("/" + name, (await docker.Client.InspectAsync(name, None)).Name);
        }
        finally
        {
            await docker.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_engine_that_hangs_is_given_up_in_time()
    {
        using var directory = new TemporaryDirectory();
        using var socket = Listen(directory.File("slow.sock"));
        using var connection = new Wire.EngineConnection(new EngineEndpoint(directory.File("slow.sock"))) { ApiVersion = "1.41" };
        var call = new Wire.EngineCall(HttpMethod.Get, "info", "info") { TimeAllowed = TimeSpan.FromMilliseconds(50) };
        var e = await ContainerEngineTests.Fails(() => connection.CallAsync(call, (_, _) => 0, None).WaitAsync(Limit));
        Assert.Equal(EngineFault.TimedOut, e.Fault);
        ContainerEngineTests.AssertOneLine(e, "0.05 s");
    }

    private static async Task EventsAsync(ContainerEngine engine, string name)
    {
        await foreach (var _ in engine.EventsAsync(name, DateTimeOffset.UtcNow, None))
        {
        }
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }

    private static async Task AnswerAsync(Socket socket, string answer)
    {
        using var client = await socket.AcceptAsync();
        var request = new byte[4096];
        await client.ReceiveAsync(request);
        await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(answer));
    }
}
