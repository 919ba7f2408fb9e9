using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tracekit.Redis.Tests;

/// <summary>A redis-server of a test's own: on a free loopback port and a Unix socket, with its files in a directory of its own, gone with it.</summary>
public sealed class RedisServer : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string[] _flags;
    private Process _process;

    public RedisServer()
        : this([])
    {
    }

    private RedisServer(string[] flags)
    {
        _flags = flags;
        Port = FreePort();
        _process = StartProcess();
        Wait.Until(IsUp);
    }

    public int Port { get; private set; }

    public string SocketPath => _directory.File("redis.sock");

    public string Url => $"redis://127.0.0.1:{Port}/0";

    internal RedisOptions Options => OptionsFor(Url);

    public static RedisServer Start(params string[] flags) => new(flags);

    public static RedisOptions OptionsFor(string url) => new(RedisEndpoint.Parse(url))
    {
        BackOff = new BackOff(TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(50)),
        CommandTimeout = TimeSpan.FromSeconds(30),
        MaxWaitForConnection = TimeSpan.FromSeconds(30),
        ConnectTimeout = TimeSpan.FromSeconds(20),
        JitterSeed = 1,
    };

    public Task<RedisConnection> ConnectAsync() => RedisConnection.ConnectAsync(Options);

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void StartAgain(params string[] flags)
    {
        _process.Dispose();
        _process = StartProcess(flags);
        Wait.Until(IsUp);
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
        _directory.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Process StartProcess(params string[] more)
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] flags =
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--unixsocket", SocketPath, "--dir", _directory.Path, "--save", "", "--appendonly", "no",
            "--daemonize", "no", "--enable-debug-command", "yes", .. _flags, .. more,
        ];
        foreach (var flag in flags)
        {
            start.ArgumentList.Add(flag);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private bool IsUp()
    {
        Assert.False(_process.HasExited, "redis-server did not start: is it installed, and the port free?");
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, Port);
            socket.Send(Encoding.ASCII.GetBytes("PING\r\n"));
            return socket.Receive(new byte[16]) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
