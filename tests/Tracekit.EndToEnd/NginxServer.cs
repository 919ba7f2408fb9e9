using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tracekit.EndToEnd;

/// <summary>A real nginx on a loopback port, with a configuration and files of its own, in front of a server that takes its time.</summary>
internal sealed class NginxServer : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly HttpListener _upstream = new();
    private readonly Process _process;

    /// <summary>Starts it.</summary>
    /// <param name="delay">How long the server behind takes.</param>
    public NginxServer(TimeSpan delay)
    {
        var upstreamPort = FreePort();
        _upstream.Prefixes.Add($"http://127.0.0.1:{upstreamPort}/");
        _upstream.Start();
        _ = Task.Run(() => AnswerAsync(delay));
        Port = FreePort();
        _directory.Write("web/here", "here it is\n");
        var configuration = _directory.Write("nginx.conf", $$"""
            daemon off;
            master_process off;
            pid {{_directory.File("nginx.pid")}};
            error_log {{_directory.File("error.log")}} warn;
            events { worker_connections 64; }
            http {
                log_format tracekit '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                                    '"$http_referer" "$http_user_agent" $request_time $upstream_response_time '
                                    'msec=$msec request_length=$request_length request_id=$request_id';
                access_log {{Combined}} combined;
                access_log {{Timed}} tracekit;
                client_body_temp_path {{_directory.File("body")}};
                proxy_temp_path {{_directory.File("proxy")}};
                fastcgi_temp_path {{_directory.File("fastcgi")}};
                uwsgi_temp_path {{_directory.File("uwsgi")}};
                scgi_temp_path {{_directory.File("scgi")}};
                server {
                    listen 127.0.0.1:{{Port}};
                    root {{_directory.File("web")}};
                    location /slow { proxy_pass http://127.0.0.1:{{upstreamPort}}; }
                }
            }

            """);
        _process = Process.Start(new ProcessStartInfo(Program, ["-p", _directory.Path, "-c", configuration]) { RedirectStandardError = true })!;
        Wait.Until(() => _process.HasExited || Answers(Port));
        Assert.False(_process.HasExited, _process.HasExited ? _process.StandardError.ReadToEnd() : "");
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Its log in the format <c>combined</c>.</summary>
    public string Combined => _directory.File("combined.log");

    /// <summary>Its log in the format that <c>import access-log --help</c> shows.</summary>
    public string Timed => _directory.File("timed.log");

    private static string Program => new[] { "/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx" }.FirstOrDefault(File.Exists) ?? "nginx";

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _upstream.Close();
        _directory.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool Answers(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task AnswerAsync(TimeSpan delay)
    {
        try
        {
            while (true)
            {
                var context = await _upstream.GetContextAsync();
                await Task.Delay(delay);
                context.Response.StatusCode = 201;
                context.Response.Close("made\n"u8.ToArray(), willBlock: true);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed: the test is over.
        }
    }
}
