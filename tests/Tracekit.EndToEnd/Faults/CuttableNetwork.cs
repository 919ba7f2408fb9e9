using System.Net;
using System.Net.Sockets;

namespace Tracekit.EndToEnd;

/// <summary>The network between one worker and Redis: it can fall silent, holding what is on its way, or break; and heal.</summary>
internal sealed class CuttableNetwork : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _serverPort;
    private readonly Lock _lock = new();
    private readonly HashSet<Socket> _clients = [];
    private readonly List<Socket> _leftOpen = [];
    private TaskCompletionSource _flowing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _broken;
    private int _breaks;

    public CuttableNetwork(int serverPort)
    {
        _serverPort = serverPort;
        _flowing.SetResult();
        _listener.Start();
        _ = ListenAsync();
    }

    public string Url => $"redis://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/0";

    /// <summary>Nothing passes any more, and neither side is told.</summary>
    public void FallSilent()
    {
        lock (_lock)
        {
            _flowing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Every connection breaks for the worker, and new ones do, too. The server is not told: to it they stay open, as with a cable pulled.</summary>
    public void Break()
    {
        lock (_lock)
        {
            _broken = true;
            _breaks++;
            foreach (var client in _clients)
            {
                client.Dispose();
            }

            _clients.Clear();
        }
    }

    /// <summary>What was held goes on, and new connections pass.</summary>
    public void Heal()
    {
        lock (_lock)
        {
            _broken = false;
            _flowing.TrySetResult();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Break();
        Heal();
        lock (_lock)
        {
            _leftOpen.ForEach(s => s.Dispose());
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task PassAsync(Socket accepted)
    {
        using var client = accepted;
        if (!Keep(client, out var breaks))
        {
            return;
        }

        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            client.NoDelay = true;
            await Flowing();
            await server.ConnectAsync(IPAddress.Loopback, _serverPort);
            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side is gone; closing both tells the other.
        }
        finally
        {
            Close(client, server, breaks);
        }
    }

    private void Close(Socket client, Socket server, int breaks)
    {
        lock (_lock)
        {
            _clients.Remove(client);
            if (breaks == _breaks)
            {
                server.Dispose();
            }
            else
            {
                _leftOpen.Add(server);
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            for (int length; (length = await from.ReceiveAsync(buffer)) > 0;)
            {
                await Flowing();
                for (var sent = 0; sent < length;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, length - sent));
                }
            }

            // A cut network passes on the end of a connection no more than anything else.
            await Flowing();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            await Flowing();
        }
    }

    private Task Flowing()
    {
        lock (_lock)
        {
            return _flowing.Task;
        }
    }

    private bool Keep(Socket client, out int breaks)
    {
        lock (_lock)
        {
            breaks = _breaks;
            return !_broken && _clients.Add(client);
        }
    }
}
