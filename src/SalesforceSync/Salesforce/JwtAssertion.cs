using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using SalesforceSync.Configuration;

namespace SalesforceSync.Salesforce;

/// <summary>The signed statement of the JWT bearer flow (RFC 7523, RS256).</summary>
internal static class JwtAssertion
{
    // Salesforce takes at most five minutes into the future.
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(3);

    private static readonly string Header = Part(new { alg = "RS256", typ = "JWT" });

    /// <param name="now">Salesforce's time as far as we know it.</param>
    public static string Sign(SignInFlow.JwtBearer flow, Uri loginUrl, string privateKeyPem, DateTimeOffset now)
    {
        var claims = Part(new { iss = flow.ClientId, sub = flow.Username, aud = Audience(loginUrl), exp = (now + Life).ToUnixTimeSeconds() });
        using var rsa = RSA.Create();
        rsa.ImportFromPem(privateKeyPem);
        var signature = rsa.SignData(System.Text.Encoding.ASCII.GetBytes($"{Header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{Header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>
    /// Who the statement is for: the login host of production or of sandboxes for hosts of Salesforce, else the site itself (Experience Cloud sites
    /// are audiences of their own). Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration".
    /// </summary>
    public static string Audience(Uri loginUrl)
    {
        var host = loginUrl.Host.ToLowerInvariant();
        if (host != "login.salesforce.com" && host != "test.salesforce.com" && !host.EndsWith(".my.salesforce.com", StringComparison.Ordinal))
            return loginUrl.AbsoluteUri.TrimEnd('/');
        // A sandbox's My Domain has two dashes before the sandbox's name; scratch orgs sign in where sandboxes do.
        var isTest = host == "test.salesforce.com" || host.Contains("--", StringComparison.Ordinal) || host.EndsWith(".scratch.my.salesforce.com", StringComparison.Ordinal);
        return isTest ? "https://test.salesforce.com" : "https://login.salesforce.com";
    }

    private static string Part(object claims) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims));
}
