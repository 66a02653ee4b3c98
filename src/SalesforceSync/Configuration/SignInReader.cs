using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace SalesforceSync.Configuration;

/// <summary>Reads <c>Orgs:*:Auth</c>: exactly the keys its flow needs; a key of another flow is a mistake, not a spare.</summary>
internal static partial class SignInReader
{
    public const string DefaultFlow = "ClientCredentials";

    /// <summary>Per flow: required keys, then optional ones.</summary>
    public static readonly IReadOnlyDictionary<string, (string[] Required, string[] Optional)> Flows = new Dictionary<string, (string[] Required, string[] Optional)>(StringComparer.OrdinalIgnoreCase)
    {
        [DefaultFlow] = (["ClientId", "ClientSecret"], []),
        ["JwtBearer"] = (["ClientId", "Username", "PrivateKeyFile"], []),
        ["RefreshToken"] = (["ClientId", "RefreshToken"], ["ClientSecret"]),
        ["Password"] = (["ClientId", "Username", "Password"], ["ClientSecret"]),
        ["AccessToken"] = (["AccessToken", "InstanceUrl", "TenantId"], []),
    };

    private static readonly Dictionary<string, string> Remedies = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ClientId"] = "give the consumer key of the connected app",
        ["ClientSecret"] = "give the consumer secret of the connected app",
        ["Username"] = "give the user name of the integration user",
        ["Password"] = "give the password with the security token appended",
        ["PrivateKeyFile"] = "give the file of the app's RSA private key (PEM)",
        ["RefreshToken"] = "give the refresh token",
        ["AccessToken"] = "give the access token",
        ["InstanceUrl"] = "give the URL of the org, https://<MyDomain>.my.salesforce.com",
        ["TenantId"] = "give the org id, 15 or 18 letters and digits",
    };

    private static readonly string[] Secrets = ["ClientSecret", "Password", "RefreshToken", "AccessToken"];

    /// <summary>True when the flow asks for a token, and so needs a LoginUrl. An unknown flow counts as one that does.</summary>
    public static bool NeedsLoginUrl(SectionReader auth) => !"AccessToken".Equals(auth.Text("Flow"), StringComparison.OrdinalIgnoreCase);

    public static SignInFlow? Read(SectionReader auth)
    {
        var flow = auth.Text("Flow") ?? DefaultFlow;
        if (!Flows.TryGetValue(flow, out var keys))
        {
            auth.Fault("Flow", flow, $"give one of {string.Join(", ", Flows.Keys)}");
            foreach (var key in Remedies.Keys)
                Value(auth, key);
            auth.RefuseUnknown();
            return null;
        }
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, remedy) in Remedies)
        {
            var value = Value(auth, key);
            if (keys.Required.Contains(key) && value is null)
                auth.Fault(key, null, remedy);
            else if (value is not null && !keys.Required.Contains(key) && !keys.Optional.Contains(key))
                auth.Fault(key, ConfigurationFault.Hidden, $"does not belong to the flow {flow}; remove it or change Flow");
            else if (value is not null)
                values[key] = value;
        }
        auth.RefuseUnknown();
        return keys.Required.All(values.ContainsKey) ? Flow(auth, flow, values) : null;
    }

    private static SignInFlow? Flow(SectionReader auth, string flow, Dictionary<string, string> values)
    {
        Secret? secret = values.TryGetValue("ClientSecret", out var text) ? new Secret(text) : null;
        return flow.ToLowerInvariant() switch
        {
            "clientcredentials" => new SignInFlow.ClientCredentials(values["ClientId"], secret!.Value),
            "jwtbearer" => KeyIsReadable(auth, values["PrivateKeyFile"])
                ? new SignInFlow.JwtBearer(values["ClientId"], values["Username"], Path.GetFullPath(values["PrivateKeyFile"])) : null,
            "refreshtoken" => new SignInFlow.RefreshToken(values["ClientId"], secret, new(values["RefreshToken"])),
            "password" => new SignInFlow.Password(values["ClientId"], secret, values["Username"], new(values["Password"])),
            _ => AccessToken(auth, values),
        };
    }

    private static SignInFlow.AccessToken? AccessToken(SectionReader auth, Dictionary<string, string> values)
    {
        var (url, refusal) = UrlRule.Check(values["InstanceUrl"]);
        if (refusal is not null)
            auth.Fault("InstanceUrl", values["InstanceUrl"].Contains('@', StringComparison.Ordinal) ? ConfigurationFault.Hidden : values["InstanceUrl"], refusal);
        if (!OrgIdText().IsMatch(values["TenantId"]))
            auth.Fault("TenantId", values["TenantId"], Remedies["TenantId"]);
        else if (url is not null)
            return new SignInFlow.AccessToken(new(values["AccessToken"]), url, values["TenantId"]);
        return null;
    }

    private static bool KeyIsReadable(SectionReader auth, string file)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(File.ReadAllText(file));
            rsa.ExportParameters(includePrivateParameters: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            auth.Fault("PrivateKeyFile", file, "cannot be read; name a file that the user this program runs as may read");
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            auth.Fault("PrivateKeyFile", file, "is no RSA private key in PEM without a passphrase; give one");
        }
        return false;
    }

    private static string? Value(SectionReader auth, string key) => Secrets.Contains(key) ? auth.Secret(key)?.Reveal : auth.Text(key);

    [GeneratedRegex("^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$")]
    private static partial Regex OrgIdText();
}
