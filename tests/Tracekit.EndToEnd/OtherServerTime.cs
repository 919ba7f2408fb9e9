using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Tracekit.EndToEnd;

/// <summary>
/// A way to a Redis server on which the server's clock is told some seconds ahead (TIME). To who goes this way it is as if its own clock
/// were that much behind.
/// </summary>
internal sealed partial class OtherServerTime : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _serverPort;
    private readonly int _aheadS;

    public OtherServerTime(int serverPort, int aheadS)
    {
        _serverPort = serverPort;
        _aheadS = aheadS;
        _listener.Start();
        _ = ListenAsync();
    }

    public string Url => $"redis://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/0";

    public void Dispose() => _listener.Dispose();

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
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, _serverPort);
            await Task.WhenAny(CopyAsync(client, server, text => text), CopyAsync(server, client, Put));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side is gone; closing both tells the other.
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, Func<string, string> change)
    {
        var buffer = new byte[64 * 1024];
        for (int length; (length = await from.ReceiveAsync(buffer)) > 0;)
        {
            var bytes = Encoding.Latin1.GetBytes(change(Encoding.Latin1.GetString(buffer, 0, length)));
            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await to.SendAsync(bytes.AsMemory(sent));
            }
        }
    }

    // Seconds keep their ten digits until the year 2286.
    private string Put(string replies) => Time().Replace(
        replies, m => m.Groups[1].Value + (long.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture) + _aheadS).ToString(CultureInfo.InvariantCulture) + m.Groups[3].Value);

    [GeneratedRegex(@"(\*2\r\n\$10\r\n)(\d{10})(\r\n\$\d\r\n\d{1,6}\r\n)")]
    private static partial Regex Time();
}
