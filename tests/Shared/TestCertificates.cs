using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tracekit.Tests;

/// <summary>An authority of a test's own and a server's certificate from it, as PEM files.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <param name="host">The host name or address that the certificate is for; null for the address 127.0.0.1.</param>
    /// <param name="isExpired">True for a certificate that was good until yesterday.</param>
    public TestCertificates(string? host, bool isExpired = false)
    {
        var now = DateTimeOffset.UtcNow;
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=test authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var authorityCertificate = authority.CreateSelfSigned(now.AddDays(-9), now.AddDays(9));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host ?? "127.0.0.1", out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host!);
        }

        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authorityCertificate, now.AddDays(-8), now.AddDays(isExpired ? -1 : 8), [1]);
        CaFile = _directory.Write("ca.pem", authorityCertificate.ExportCertificatePem());
        CertificateFile = _directory.Write("server.pem", certificate.ExportCertificatePem());
        KeyFile = _directory.Write("server.key", key.ExportPkcs8PrivateKeyPem());
    }

    public string CaFile { get; }

    public string CertificateFile { get; }

    public string KeyFile { get; }

    public void Dispose() => _directory.Dispose();
}
