using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SalesforceSync.Simulator.Server;

/// <summary>Checks the assertion of the JWT bearer flow: RS256, issuer, subject, audience, expiry.</summary>
internal static class JwtAssertion
{
    // Salesforce wants assertions that live minutes, not hours.
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(5);

    /// <exception cref="OAuthError">It proves nothing.</exception>
    public static void Check(string assertion, SignInRules rules, IEnumerable<string> audiences, DateTimeOffset now)
    {
        var parts = assertion.Split('.');
        if (parts.Length != 3 || rules.JwtPublicKey is null) throw Refusal("assertion is not valid");
        try
        {
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            if (Text(header, "alg") != "RS256") throw Refusal("algorithm not supported");
            using var rsa = RSA.Create();
            rsa.ImportFromPem(rules.JwtPublicKey);
            var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
            if (!rsa.VerifyData(signed, Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)) throw Refusal("invalid assertion");
            if (Text(claims, "iss") != rules.ClientId) throw new OAuthError("invalid_client_id", "client identifier invalid");
            if (Text(claims, "sub") != rules.Username) throw Refusal("user hasn't approved this consumer");
            if (!audiences.Contains(Text(claims, "aud"))) throw Refusal("audience is invalid");
            var expires = DateTimeOffset.FromUnixTimeSeconds(claims.RootElement.GetProperty("exp").GetInt64());
            if (expires <= now || expires > now + LongestLife) throw Refusal("expired authorization code");
        }
        catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Refusal("assertion is not valid");
        }
    }

    private static string? Text(JsonDocument document, string name)
        => document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static OAuthError Refusal(string description) => new("invalid_grant", description);
}
