using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Tracekit.Model;

namespace Tracekit.Redis;

/// <summary>No connection could be made; it may be possible later.</summary>
/// <param name="message">What, where and why.</param>
/// <param name="isFinal">See <see cref="IsFinal"/>.</param>
public sealed class RedisConnectException(string message, bool isFinal = false) : RedisException(message)
{
    /// <summary>True when the address itself is at fault, so that who asks for the first time need not ask again: no such host, or not the one it should be.</summary>
    public bool IsFinal { get; } = isFinal;
}

/// <summary>Opens links: socket, TLS, login, database, name, and what the owner adds; all of it within one time limit.</summary>
internal static class LinkOpener
{
    private const int KeepAliveAfterSeconds = 15;
    private const int KeepAliveEverySeconds = 5;
    private const int KeepAliveProbes = 3;

    /// <summary>Opens a link.</summary>
    /// <param name="options">Where to and how.</param>
    /// <param name="prepare">What the owner adds to the login.</param>
    /// <param name="push">See <see cref="RedisLink"/>.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RedisConnectException">Not reachable, not in time, not trusted.</exception>
    /// <exception cref="RedisServerException">The server refuses us.</exception>
    /// <exception cref="RespFormatException">The peer is no Redis server.</exception>
    public static async Task<RedisLink> OpenAsync(
        RedisOptions options, Func<RedisLink, ValueTask>? prepare, Func<RespValue, bool>? push, CancellationToken cancellation)
    {
        var where = options.Endpoint.MaskedUrl;
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        RedisLink? link = null;
        try
        {
            link = new RedisLink(await OpenStreamAsync(options.Endpoint, either.Token).ConfigureAwait(false), options, push);
            using var registration = either.Token.UnsafeRegister(static l => ((RedisLink)l!).End("no answer to the login"), link);
            await LogInAsync(link, options).ConfigureAwait(false);
            if (prepare is not null)
            {
                await prepare(link).ConfigureAwait(false);
            }

            return link;
        }
        catch (Exception e)
        {
            link?.Dispose();
            cancellation.ThrowIfCancellationRequested();
            if (timeout.IsCancellationRequested)
            {
                var kind = options.Endpoint.IsTls ? "Redis server with TLS" : "Redis server";
                throw new RedisConnectException($"{where}: no connection within {options.ConnectTimeout.TotalSeconds:0.###} s: is a {kind} there?");
            }

            throw Told(e, where, link);
        }
    }

    private static Exception Told(Exception e, string where, RedisLink? link) => e switch
    {
        RedisServerException => e,
        RespFormatException => new RespFormatException($"{where}: {e.Message}"),
        RedisConnectionLostException when link is { IsForeign: true } => new RespFormatException($"{where}: {link.Ended.Result}"),
        RedisConnectionLostException => new RedisConnectException($"{where}: {link?.Ended.Result} during the login: is this a Redis server?"),
        AuthenticationException => new RedisConnectException(
            $"{where}: TLS failed: {Line(e)}: give the authority that issued the server's certificate with --redis-ca-file, "
            + "and the host name that it was issued for", isFinal: true),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.NoRecovery } => new RedisConnectException(
            $"{where}: {Line(e)}: this host is not known: give another address with --redis", isFinal: true),
        SocketException or IOException => new RedisConnectException($"{where}: {Line(e)}: start redis-server there or give another address with --redis"),
        _ => e,
    };

    private static string Line(Exception e) => Printable.Line(e.InnerException is SocketException inner ? inner.Message : e.Message);

    private static async Task<Stream> OpenStreamAsync(RedisEndpoint endpoint, CancellationToken cancellation)
    {
        var socket = endpoint.SocketPath is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (endpoint.SocketPath is { } path)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }

            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveAfterSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveEverySeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
            await socket.ConnectAsync(endpoint.Host!, endpoint.Port, cancellation).ConfigureAwait(false);
            var plain = new NetworkStream(socket, ownsSocket: true);
            return endpoint.IsTls ? await RedisTls.EncryptAsync(plain, endpoint, cancellation).ConfigureAwait(false) : plain;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>All of it is sent at once; the first error counts, for those behind it only follow from it.</summary>
    private static async Task LogInAsync(RedisLink link, RedisOptions options)
    {
        var endpoint = options.Endpoint;
        var login = endpoint.Password is not { } password ? null
            : endpoint.User is { } user ? RespCommand.Of("AUTH", user, password)
            : RespCommand.Of("AUTH", password);
        var identify = RespCommand.Of("CLIENT", "ID");
        var calls = new List<(RespCommand Command, Task<RespValue> Reply)>();
        foreach (var command in new[]
        {
            login,
            endpoint.Database == 0 ? null : new RespCommand("SELECT").Add(endpoint.Database),
            RespCommand.Of("CLIENT", "SETNAME", options.ClientName),
            identify,
        })
        {
            if (command is not null)
            {
                calls.Add((command, link.CallAsync(command).AsTask()));
            }
        }

        foreach (var (command, replied) in calls)
        {
            var reply = await replied.ConfigureAwait(false);
            if (reply.IsError)
            {
                throw Refusal(command, reply, endpoint);
            }

            if (command == identify && reply.Kind == RespKind.Number)
            {
                link.ClientId = reply.AsInt64();
            }
            else if (command == identify || reply.Kind != RespKind.Simple || !reply.RawBytes.SequenceEqual("OK"u8))
            {
                throw new RespFormatException("the peer answers the login as no Redis server does: check host and port");
            }
        }
    }

    private static RedisException Refusal(RespCommand command, RespValue reply, RedisEndpoint endpoint)
    {
        var where = $"{endpoint.MaskedUrl}: {command.Name}";
        if (reply.RawBytes.StartsWith("ERR max number of clients"u8))
        {
            return new RedisConnectException($"{where}: the server has as many clients as it allows: raise maxclients");
        }

        // A server where AUTH is renamed quotes its arguments in the error.
        return command.Name == "AUTH"
            ? RedisServerException.Untold(where, RedisErrorCode.Of(reply.RawBytes))
            : RedisServerException.Of(where, Encoding.UTF8.GetBytes(endpoint.Redact(Encoding.UTF8.GetString(reply.RawBytes))));
    }
}
