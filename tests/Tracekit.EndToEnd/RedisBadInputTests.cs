using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tracekit.Linux;
using Tracekit.Redis.Tests;

namespace Tracekit.EndToEnd;

/// <summary>Servers that refuse us, are none, are full or hold other programs' keys: one line that says so, no stack trace, and no processor burnt over it.</summary>
public sealed class RedisBadInputTests : IDisposable
{
    private const string Password = "not-to-be-seen-4417";
    private const string Unreachable = "redis://127.0.0.1:1";

    /// <summary>CPU time that a role may use in <see cref="Watched"/>; a spin uses nearly all of it.</summary>
    private static readonly TimeSpan Little = TimeSpan.FromMilliseconds(600);

    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(2);

    private readonly Workspace _workspace = new();

    /// <summary>Every role, with what it needs beside the server.</summary>
    public static TheoryData<string> Roles => ["scheduler", "worker --run-id r --node-id n", "dispatch --pending -- true", "status", "wait d"];

    /// <summary>The roles that write, hence fail on a server that takes no writes.</summary>
    public static TheoryData<string> Writers => ["scheduler", "worker --run-id r --node-id n", "dispatch --pending -- true"];

    /// <summary>URLs that are none, and what is told.</summary>
    public static TheoryData<string, string> BadUrls => new()
    {
        { "http://127.0.0.1", "it must start with redis://" },
        { "127.0.0.1:6379", "it must start with redis://" },
        { "redis://", "the host is missing" },
        { "redis://127.0.0.1:0", "the port must be a number" },
        { "redis://127.0.0.1:x", "the port must be a number" },
        { $"redis://:{Password}@127.0.0.1:99999", "the port must be a number" },
        { "redis://127.0.0.1/x", "the database must be a number" },
    };

    /// <summary>Key, command that makes it one of another type, role that uses it.</summary>
    public static TheoryData<string, string, string> WrongTypes => new()
    {
        { "q:pending", "SET", "scheduler" },
        { "q:pending", "SET", "dispatch --pending -- true" },
        { "q:pending", "SET", "status" },
        { "slots:available", "SET", "scheduler" },
        { "slots:available", "SET", "worker --run-id r --node-id n" },
        { "q:n", "SET", "worker --run-id r --node-id n" },
        { "tracekit:nodes", "SET", "scheduler" },
        { "tracekit:nodes", "SET", "worker --run-id r --node-id n" },
        { "tracekit:nodes", "SET", "status" },
        { "tracekit:counts", "SET", "dispatch --pending -- true" },
        { "tracekit:counts", "SET", "status" },
        { "tracekit:dispatch:d", "SET", "wait d" },
        { "tracekit:scheduler", "RPUSH", "scheduler" },
        { "tracekit:alive:n", "RPUSH", "worker --run-id r --node-id n" },
    };

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_wrong_password_is_told_without_it(string role)
    {
        using var server = RedisServer.Start("--requirepass", "another-word");

        AssertFailsAtOnce("WRONGPASS", RunRole(role, server.Url, "--redis-password-file", PasswordFile()));
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_missing_password_is_told_with_how_to_give_it(string role)
    {
        using var server = RedisServer.Start("--requirepass", "another-word");

        AssertFailsAtOnce("--redis-password-file", RunRole(role, server.Url));
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_server_that_is_not_there_is_told(string role)
    {
        var ended = RunRole(role, Unreachable, "--connect-timeout", "0.5");

        AssertFails(1, "Connection refused: start redis-server there", ended);
        Assert.Single(ended.Error.Split('\n'), l => l.EndsWith("trying again for up to 0.5 s", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_host_that_is_not_known_is_told_at_once(string role) => AssertFailsAtOnce("this host is not known", RunRole(role, "redis://no-such-host.invalid"));

    [Theory]
    [InlineData("scheduler", "leading")]
    [InlineData("worker --run-id r --node-id n", "1 alive")]
    public void A_role_that_is_started_before_its_server_waits_for_it(string role, string ready)
    {
        using var server = new RedisServer();
        server.Kill();
        using var running = _workspace.Tracekit.Start([.. role.Split(' '), "--redis", server.Url]);
        Wait.Until(() => running.ErrorSoFar.Contains("trying again for up to 30 s", StringComparison.Ordinal));

        server.StartAgain();

        WaitUntilReady(server, running, ready);
        Signals.Send(running.Pid, Signals.Terminate);
        Assert.True(running.End().ExitCode is 0 or 130);
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_server_that_is_no_Redis_is_told(string role)
    {
        using var peer = new OtherServer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");

        AssertFailsAtOnce("the peer is no Redis server, it answers like an HTTP server", RunRole(role, peer.Url));
    }

    [Fact]
    public void A_server_that_never_answers_is_told()
    {
        using var peer = new OtherServer("");

        AssertFails(1, "127.0.0.1", RunRole("status", peer.Url));
    }

    [Theory]
    [MemberData(nameof(Writers))]
    public void A_replica_that_takes_no_writes_is_told(string role)
    {
        using var server = RedisServer.Start("--replicaof", "127.0.0.1 1");

        AssertFails(1, "give the address of its master", RunRole(role, server.Url));
    }

    [Theory]
    [MemberData(nameof(Writers))]
    public void A_server_without_memory_is_told(string role)
    {
        using var server = RedisServer.Start("--maxmemory", "1mb", "--maxmemory-policy", "noeviction");

        AssertFails(1, "raise maxmemory", RunRole(role, server.Url));
    }

    [Fact]
    public void A_server_that_runs_out_of_memory_under_a_dispatch_is_told()
    {
        using var server = RedisServer.Start("--maxmemory", "3mb", "--maxmemory-policy", "noeviction");

        var ended = RunRole("dispatch --pending --total 50000 --pulse-size 50000 --pulse-interval 0 -- true", server.Url);

        AssertFails(1, "raise maxmemory", ended);
        Assert.Empty(ended.Output);
    }

    [Theory]
    [MemberData(nameof(WrongTypes))]
    public void A_key_of_another_program_is_told(string key, string command, string role)
    {
        using var server = new RedisServer();
        Send(server, command, key, "x");

        AssertFails(1, "another program uses this key for something else", RunRole(role, server.Url));
    }

    [Theory]
    [MemberData(nameof(BadUrls))]
    public void A_malformed_URL_is_a_mistake(string url, string told) => AssertFails(2, told, RunRole("status", url));

    [Theory]
    [InlineData("worker --run-id r --node-id n")]
    [InlineData("status")]
    public void A_password_file_that_everyone_may_read_is_a_mistake(string role)
    {
        var file = PasswordFile();
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        AssertFails(2, "every user of this machine may read this password file", RunRole(role, Unreachable, "--redis-password-file", file));
    }

    [Fact]
    public void A_missing_password_file_is_a_mistake() => AssertFails(2, "nowhere", RunRole("status", Unreachable, "--redis-password-file", "nowhere"));

    [Fact]
    public void A_password_on_the_command_line_works_and_is_warned_of()
    {
        using var server = RedisServer.Start("--requirepass", Password);

        var ended = _workspace.Tracekit.Succeed("status", "--json", "--redis", server.Url.Replace("//", $"//:{Password}@", StringComparison.Ordinal));

        Assert.Contains("use --redis-password-file", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, ended.Error + ended.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scheduler", "leading")]
    [InlineData("worker --run-id r --node-id n", "1 alive")]
    public void A_role_whose_server_goes_away_tries_again_at_leisure_and_goes_on_when_it_is_back(string role, string ready)
    {
        using var server = new RedisServer();
        using var running = _workspace.Tracekit.Start([.. role.Split(' '), "--redis", server.Url]);
        WaitUntilReady(server, running, ready);

        server.Kill();
        Wait.Until(() => running.ErrorSoFar.Contains("lost", StringComparison.OrdinalIgnoreCase));
        AssertIdle(running.Pid);
        server.StartAgain();
        Wait.Until(() => running.ErrorSoFar.Contains(": connected", StringComparison.Ordinal));

        Signals.Send(running.Pid, Signals.Terminate);
        var ended = running.End();
        Assert.True(ended.ExitCode is 0 or 130, ended.Error);
        AssertNoTrace(ended);
    }

    [Theory]
    [InlineData("scheduler", "leading", "q:pending")]
    [InlineData("worker --run-id r --node-id n", "1 alive", "q:n")]
    public void A_key_that_becomes_another_programs_ends_the_role_that_uses_it(string role, string ready, string key)
    {
        using var server = new RedisServer();
        using var running = _workspace.Tracekit.Start([.. role.Split(' '), "--lease", "1", "--redis", server.Url]);
        WaitUntilReady(server, running, ready);

        Send(server, "SET", key, "x");

        AssertFails(1, "another program uses this key for something else", running.End());
    }

    [Fact]
    public void A_heartbeat_that_is_refused_is_told_at_leisure()
    {
        using var server = new RedisServer();
        using var running = _workspace.Tracekit.Start("worker", "--run-id", "r", "--node-id", "n", "--lease", "1", "--redis", server.Url);
        WaitUntilReady(server, running, "1 alive");

        Send(server, "DEL", "tracekit:alive:n");
        Send(server, "RPUSH", "tracekit:alive:n", "x");

        Wait.Until(() => running.ErrorSoFar.Contains("another program uses this key", StringComparison.Ordinal));
        AssertIdle(running.Pid);
        Signals.Send(running.Pid, Signals.Terminate);
        AssertNoTrace(running.End());
    }

    [Theory]
    [InlineData("scheduler", "leading", "tracekit:scheduler")]
    [InlineData("worker --run-id r --node-id n", "1 alive", "tracekit:alive:n")]
    public void A_server_that_is_a_replica_for_a_moment_is_waited_for(string role, string ready, string lease)
    {
        using var server = new RedisServer();
        using var running = _workspace.Tracekit.Start([.. role.Split(' '), "--lease", "1", "--redis", server.Url]);
        WaitUntilReady(server, running, ready);

        Send(server, "REPLICAOF", "127.0.0.1", "1");
        Wait.Until(() => running.ErrorSoFar.Contains("trying again for up to 30 s", StringComparison.Ordinal));
        AssertIdle(running.Pid);
        Send(server, "REPLICAOF", "NO", "ONE");
        Wait.Until(() => Send(server, "EXISTS", lease).StartsWith(":1", StringComparison.Ordinal));

        Signals.Send(running.Pid, Signals.Terminate);
        var ended = running.End();
        Assert.True(ended.ExitCode is 0 or 130, ended.Error);
        AssertNoTrace(ended);
    }

    [Theory]
    [InlineData("scheduler", "leading")]
    [InlineData("worker --run-id r --node-id n", "1 alive")]
    public void A_server_that_becomes_a_replica_ends_a_role(string role, string ready)
    {
        using var server = new RedisServer();
        using var running = _workspace.Tracekit.Start([.. role.Split(' '), "--lease", "1", "--redis", server.Url]);
        WaitUntilReady(server, running, ready);

        Send(server, "REPLICAOF", "127.0.0.1", "1");

        var ended = running.End();
        Assert.Equal(1, ended.ExitCode);
        Assert.Single(ended.Error.Split('\n'), l => l.StartsWith("tracekit: ", StringComparison.Ordinal));
        AssertNoTrace(ended);
    }

    private Ended RunRole(string role, string url, params string[] more)
    {
        var words = role.Split(' ');
        var command = Array.IndexOf(words, "--");
        command = command < 0 ? words.Length : command;
        return _workspace.Tracekit.Run([.. words[..command], "--redis", url, .. more, .. words[command..]]);
    }

    private string PasswordFile()
    {
        var file = _workspace.Write("password", Password);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    /// <summary>Told in one line. What a role that runs for long says before it, with the time, is no error.</summary>
    private static void AssertFails(int exitCode, string told, Ended ended)
    {
        Assert.True(ended.ExitCode == exitCode, $"{ended.ExitCode}, not {exitCode}: {ended.Error}");
        var lines = ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var error = Assert.Single(lines, l => l.StartsWith("tracekit: ", StringComparison.Ordinal));
        Assert.Equal(error, lines[^1]);
        Assert.Contains(told, error, StringComparison.Ordinal);
        AssertNoTrace(ended);
    }

    /// <summary>What no further attempt changes is not tried again.</summary>
    private static void AssertFailsAtOnce(string told, Ended ended)
    {
        AssertFails(1, told, ended);
        Assert.DoesNotContain("trying again", ended.Error, StringComparison.Ordinal);
    }

    private static void AssertNoTrace(Ended ended)
    {
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, ended.Error + ended.Output, StringComparison.Ordinal);
    }

    private static void WaitUntilReady(RedisServer server, TracekitProgram.RunningTracekit running, string ready) =>
        Wait.Until(() => ready == "leading"
            ? running.ErrorSoFar.Contains(ready, StringComparison.Ordinal)
            : Send(server, "EXISTS", "tracekit:alive:n").StartsWith(":1", StringComparison.Ordinal));

    private static void AssertIdle(int pid)
    {
        var before = CpuTimeOf(pid);
        Thread.Sleep(Watched);
        var used = CpuTimeOf(pid) - before;
        Assert.True(used < Little, $"{used.TotalMilliseconds} ms of CPU time in {Watched.TotalSeconds} s");
    }

    /// <summary>User and system time so far.</summary>
    private static TimeSpan CpuTimeOf(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
    }

    /// <summary>Sends one command and returns the first of the reply.</summary>
    private static string Send(RedisServer server, params string[] words)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, server.Port);
        socket.Send(Encoding.ASCII.GetBytes($"{string.Join(' ', words)}\r\n"));
        var reply = new byte[256];
        return Encoding.ASCII.GetString(reply, 0, socket.Receive(reply));
    }

    /// <summary>A server on a loopback port that answers whatever comes with one text, or with nothing.</summary>
    private sealed class OtherServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<TcpClient> _clients = [];
        private readonly Task _serving;

        public OtherServer(string answer)
        {
            _listener.Start();
            _serving = Task.Run(() => ServeAsync(Encoding.ASCII.GetBytes(answer)));
        }

        public string Url => $"redis://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public void Dispose()
        {
            _listener.Stop();
            _serving.Wait();
            _clients.ForEach(c => c.Dispose());
        }

        private async Task ServeAsync(byte[] answer)
        {
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptTcpClientAsync();
                    _clients.Add(client);
                    _ = await client.GetStream().ReadAsync(new byte[1024]);
                    await client.GetStream().WriteAsync(answer);
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                // Stopped.
            }
        }
    }
}
