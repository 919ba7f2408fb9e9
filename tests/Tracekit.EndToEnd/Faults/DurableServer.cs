using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tracekit.EndToEnd;

/// <summary>A redis-server of a run's own that can be killed and goes on from its append-only file.</summary>
internal sealed class DurableServer : IDisposable
{
    private readonly string _directory;
    private Process _process;

    public DurableServer(string directory)
    {
        _directory = Directory.CreateDirectory(directory).FullName;
        Port = FreePort();
        _process = StartProcess();
    }

    public int Port { get; }

    public string Url => $"redis://127.0.0.1:{Port}/0";

    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
    }

    public void StartAgain()
    {
        if (_process.HasExited)
        {
            _process.Dispose();
            _process = StartProcess();
        }
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Process StartProcess()
    {
        // Nothing that was answered may be lost with the process. 'no' writes before each reply and leaves the disk to the kernel, which outlives it;
        // 'everysec' would hold writes back while the disk is busy.
        var process = Process.Start(new ProcessStartInfo(
            "redis-server",
            [
                "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _directory, "--save", "", "--appendonly", "yes", "--appendfsync", "no",
                "--daemonize", "no",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Wait.Until(() => process.HasExited || IsUp());
        Assert.False(process.HasExited, "redis-server did not start: is it installed, and the port free?");
        return process;
    }

    private bool IsUp()
    {
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
