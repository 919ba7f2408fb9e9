using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tracekit.Model;

namespace Tracekit.Redis;

/// <summary>TLS to a server whose certificate is checked: by whom it was issued, for which host, until when. There is no way to turn that off.</summary>
internal static class RedisTls
{
    /// <summary>The certificates of a PEM file.</summary>
    public static X509Certificate2Collection ReadAuthorities(string path)
    {
        var name = Printable.Line(path);
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new UsageException($"{name}: the authorities' file cannot be read ({e.GetType().Name}): give certificates in PEM form");
        }

        return authorities.Count > 0 ? authorities : throw new UsageException($"{name}: holds no certificate: give certificates in PEM form");
    }

    /// <summary>The stream, encrypted.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The certificate is not good.</exception>
    public static async Task<Stream> EncryptAsync(Stream plain, RedisEndpoint endpoint, CancellationToken cancellation)
    {
        var encrypted = new SslStream(plain, leaveInnerStreamOpen: false);
        var options = new SslClientAuthenticationOptions { TargetHost = endpoint.Host, CertificateRevocationCheckMode = X509RevocationMode.NoCheck };
        if (endpoint.Authorities is { } authorities)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            options.CertificateChainPolicy = policy;
        }

        try
        {
            await encrypted.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
            return encrypted;
        }
        catch
        {
            await encrypted.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
