using System.Security.Cryptography.X509Certificates;

namespace SalesforceSync.Tests.Protocol.Strangers;

/// <summary>A certificate for localhost under an authority of this run, as the PEM files that strangers read.</summary>
internal sealed class CertificateFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("salesforce-sync-tls-");
    private readonly TestAuthority _authority = new();

    public CertificateFiles()
    {
        Localhost = _authority.Issue("localhost");
        File.WriteAllText(Authority, _authority.Root.ExportCertificatePem());
        File.WriteAllText(Certificate, Localhost.ExportCertificatePem());
        using var key = Localhost.GetECDsaPrivateKey()!;
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
    }

    public X509Certificate2 Localhost { get; }

    public X509Certificate2 Root => _authority.Root;

    public string Authority => Path.Combine(_folder.FullName, "authority.pem");

    public string Certificate => Path.Combine(_folder.FullName, "certificate.pem");

    public string Key => Path.Combine(_folder.FullName, "key.pem");

    public void Dispose()
    {
        Localhost.Dispose();
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }
}
