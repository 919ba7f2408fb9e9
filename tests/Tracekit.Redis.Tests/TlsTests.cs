namespace Tracekit.Redis.Tests;

public sealed class TlsTests
{
    [Fact]
    public async Task A_server_whose_certificate_comes_from_the_given_authority_is_trusted()
    {
        using var certificates = new TestCertificates(host: null);
        using var server = StartTls(certificates, out var port);
        await using var redis = await RedisConnection.ConnectAsync(OptionsFor("127.0.0.1", port, certificates.CaFile));
        var calls = Enumerable.Range(0, 2000).Select(i => redis.CallAsync(new RespCommand("ECHO").Add(i)).AsTask()).ToArray();

        Assert.Equal(Enumerable.Range(0, 2000), (await Task.WhenAll(calls)).Select(r => r.AsInt32()));
    }

    [Fact]
    public async Task A_certificate_for_a_host_name_is_good_for_that_name_alone()
    {
        using var certificates = new TestCertificates("localhost");
        using var server = StartTls(certificates, out var port);
        await using var redis = await RedisConnection.ConnectAsync(OptionsFor("localhost", port, certificates.CaFile));
        (await redis.CallAsync(RespCommand.Of("SET", "k", "v"))).AssertOk();

        await AssertNotTrusted(OptionsFor("127.0.0.1", port, certificates.CaFile));
    }

    [Fact]
    public async Task Another_authority_the_systems_authorities_and_an_old_certificate_are_not_trusted()
    {
        using var certificates = new TestCertificates(host: null);
        using var others = new TestCertificates(host: null);
        using var old = new TestCertificates(host: null, isExpired: true);
        using var server = StartTls(certificates, out var port);
        using var oldServer = StartTls(old, out var oldPort);

        await AssertNotTrusted(OptionsFor("127.0.0.1", port, others.CaFile));
        await AssertNotTrusted(OptionsFor("127.0.0.1", port, null));
        await AssertNotTrusted(OptionsFor("127.0.0.1", oldPort, old.CaFile));
    }

    [Fact]
    public async Task Plain_to_a_TLS_port_and_TLS_to_a_plain_port_are_told()
    {
        using var certificates = new TestCertificates(host: null);
        using var server = StartTls(certificates, out var port);

        var plain = await Assert.ThrowsAnyAsync<RedisException>(() => RedisConnection.ConnectAsync(RedisServer.OptionsFor($"redis://127.0.0.1:{port}")));
        var toPlain = OptionsFor("127.0.0.1", server.Port, certificates.CaFile) with { ConnectTimeout = TimeSpan.FromSeconds(1) };
        var tls = await Assert.ThrowsAnyAsync<RedisException>(() => RedisConnection.ConnectAsync(toPlain));

        Assert.Contains("during the login|TLS".Split('|'), x => plain.Message.Contains(x, StringComparison.Ordinal));
        Assert.Contains("TLS", tls.Message, StringComparison.Ordinal);
    }

    private static RedisServer StartTls(TestCertificates certificates, out int port)
    {
        port = RedisServer.FreePort();
        return RedisServer.Start(
            "--tls-port", $"{port}", "--tls-cert-file", certificates.CertificateFile, "--tls-key-file", certificates.KeyFile,
            "--tls-ca-cert-file", certificates.CaFile, "--tls-auth-clients", "no");
    }

    private static RedisOptions OptionsFor(string host, int port, string? caFile)
    {
        var endpoint = RedisEndpoint.Parse(new RedisFlags($"rediss://{host}:{port}", null, caFile), _ => null);
        return RedisServer.OptionsFor("redis://unused") with { Endpoint = endpoint };
    }

    private static async Task AssertNotTrusted(RedisOptions options)
    {
        var e = await Assert.ThrowsAsync<RedisConnectException>(() => RedisConnection.ConnectAsync(options));
        Assert.Contains("TLS failed", e.Message, StringComparison.Ordinal);
        Assert.Contains("--redis-ca-file", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
