using System.Net;
using System.Net.Sockets;

namespace Tracekit.Redis.Tests;

/// <summary>A peer on loopback that does what the test says with every connection, then closes it.</summary>
internal sealed class FakePeer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<int, Socket, Task> _serve;
    private int _connections;

    /// <param name="serve">Given the number of the connection, from 0, and its socket.</param>
    public FakePeer(Func<int, Socket, Task> serve)
    {
        _serve = serve;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => $"redis://127.0.0.1:{Port}/0";

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Waits for the last command of a login, answers with bytes and closes.</summary>
    public static FakePeer Answering(byte[] answer) => new(async (_, socket) =>
    {
        var buffer = new byte[4096];
        for (var length = 0; buffer.AsSpan(0, length).IndexOf("$2\r\nID\r\n"u8) < 0;)
        {
            length += await socket.ReceiveAsync(buffer.AsMemory(length));
        }

        await socket.SendAsync(answer);
    });

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await _serve(Interlocked.Increment(ref _connections) - 1, socket);
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
            }
        }
    }
}
