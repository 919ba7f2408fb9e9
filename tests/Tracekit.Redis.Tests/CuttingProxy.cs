using System.Net;
using System.Net.Sockets;

namespace Tracekit.Redis.Tests;

/// <summary>Passes bytes between a client and a server on loopback, and cuts connections when told to: at once, or after so many bytes of replies.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly FakePeer _peer;
    private readonly int _serverPort;
    private readonly MemoryStream _replies = new();
    private readonly Lock _lock = new();
    private readonly List<Socket> _open = [];
    private long _cutAfter = long.MaxValue;

    public CuttingProxy(int serverPort)
    {
        _serverPort = serverPort;
        _peer = new FakePeer(PassAsync);
    }

    public string Url => _peer.Url;

    public int Connections => _peer.Connections;

    /// <summary>Everything the server has sent.</summary>
    public byte[] Replies
    {
        get
        {
            lock (_lock)
            {
                return _replies.ToArray();
            }
        }
    }

    /// <summary>Lets that many bytes more of replies through, then cuts once.</summary>
    public void CutAfter(long bytes) => Volatile.Write(ref _cutAfter, bytes);

    /// <summary>Cuts every connection now.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _open.ForEach(s => s.Dispose());
            _open.Clear();
        }
    }

    public void Dispose()
    {
        _peer.Dispose();
        Cut();
    }

    private async Task PassAsync(int number, Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await server.ConnectAsync(IPAddress.Loopback, _serverPort);
        client.NoDelay = true;
        lock (_lock)
        {
            _open.AddRange([client, server]);
        }

        var up = CopyAsync(client, server);
        await RepliesAsync(server, client);
        client.Dispose();
        server.Dispose();
        await up;
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            for (int length; (length = await from.ReceiveAsync(buffer)) > 0;)
            {
                await to.SendAsync(buffer.AsMemory(0, length));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task RepliesAsync(Socket server, Socket client)
    {
        var buffer = new byte[16 * 1024];
        for (int length; (length = await server.ReceiveAsync(buffer)) > 0;)
        {
            var left = Volatile.Read(ref _cutAfter);
            var passed = (int)Math.Min(length, left);
            lock (_lock)
            {
                _replies.Write(buffer, 0, passed);
            }

            await client.SendAsync(buffer.AsMemory(0, passed));
            if (passed < length || left == length)
            {
                Volatile.Write(ref _cutAfter, long.MaxValue);
                return;
            }

            if (left != long.MaxValue)
            {
                Volatile.Write(ref _cutAfter, left - passed);
            }
        }
    }
}
