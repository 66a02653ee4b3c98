using System.CommandLine;
using Npgsql;
using SalesforceSync.Configuration;

namespace SalesforceSync.Cli.Init;

/// <summary>What <c>init</c> asks, in this order: each may lean on the answers before it.</summary>
internal static class Questions
{
    private const string AllObjects = "all";

    private static readonly Dictionary<string, string> LoginHosts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["production"] = "https://login.salesforce.com",
        ["sandbox"] = "https://test.salesforce.com",
    };

    public static IReadOnlyList<Question> All { get; } =
    [
        new(Text("--org-name", "what the org is called here", "name"), _ => "Name of the org here, e.g. acme: its tables get a schema of that name",
            (a, text) => a with { OrgName = text }, _ => null, "name the org, e.g. acme"),
        new(Text("--flow", "how to sign in: ClientCredentials (the default) or JwtBearer", "flow"), _ => "Sign in with a secret (ClientCredentials) or with a key file (JwtBearer)",
            (a, text) => a with { Flow = text }, _ => Answers.ClientCredentials, "")
        {
            Refusal = a => a.IsJwt || Answers.ClientCredentials.Equals(a.Flow, StringComparison.OrdinalIgnoreCase) ? null
                : "init writes ClientCredentials or JwtBearer; docs/configuration.md has the others",
        },
        new(Text("--login-url", "the org's My Domain URL; with JwtBearer also production or sandbox", "URL"),
            a => a.IsJwt ? "Login URL: production, sandbox, or https://<MyDomain>.my.salesforce.com" : "My Domain of the org, https://<MyDomain>.my.salesforce.com (Setup, My Domain)",
            (a, text) => a with { LoginUrl = LoginHosts.GetValueOrDefault(text, text) }, _ => null, "give the org's My Domain URL, https://<MyDomain>.my.salesforce.com")
        {
            Refusal = a => !a.IsJwt && LoginHosts.ContainsValue(a.LoginUrl!.TrimEnd('/')) ? "only the My Domain host answers the client credentials flow: give https://<MyDomain>.my.salesforce.com" : null,
        },
        new(Text("--client-id", "consumer key of the app", "key"), _ => "Consumer key of the app", (a, text) => a with { ClientId = text }, _ => null, "give the consumer key of the app"),
        new(Text("--key-file", "with JwtBearer: file of the app's private key (RSA, PEM)", "file"), _ => "File of the app's private key (RSA, PEM, without a passphrase)",
            (a, text) => a with { KeyFile = text }, _ => null, "name the file of the app's private key") { Applies = a => a.IsJwt },
        new(Text("--username", "with JwtBearer: user name of the integration user", "name"), _ => "User name of the integration user",
            (a, text) => a with { Username = text }, _ => null, "give the user name of the integration user") { Applies = a => a.IsJwt },
        new(Text("--postgres", "where the copy is kept, an Npgsql connection string without its password", "text"),
            _ => "Postgres, without the password, e.g. Host=localhost;Username=salesforce_sync;Database=sync",
            (a, text) => a with { Postgres = text }, _ => null, "give an Npgsql connection string without its password: Host=...;Username=...;Database=...")
        {
            MayHoldSecret = true,
            Refusal = a => HoldsPassword(a.Postgres!) ? "leave the password out of it: it does not belong into the file" : null,
        },
        new(Text("--schema", "Postgres schema of the tables; the org's name where it is not given", "name"), _ => "Postgres schema of the tables",
            (a, text) => a with { Schema = text }, a => a.OrgName, "") { Applies = a => a.OrgName is not null },
        new(new Option<string[]>("--object") { Description = "API name of an object to copy, more than once for several; without it all are copied", HelpName = "name" },
            _ => "Objects to copy: all, or API names with commas between them",
            (a, text) => a with { Objects = Names(text) },
            _ => AllObjects, ""),
        new(Text("--start-from", "where to begin: Snapshot (the default), Earliest or Latest", "place"),
            _ => "Begin with all there is (Snapshot), with the events of the last 72 hours (Earliest), or with the next event (Latest)",
            (a, text) => a with { StartFrom = text }, _ => "Snapshot", ""),
    ];

    private static Option<string?> Text(string name, string description, string helpName) => new(name) { Description = description, HelpName = helpName };

    private static List<string> Names(string text)
    {
        var names = text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return names.Contains(AllObjects, StringComparer.OrdinalIgnoreCase) || names.Contains(ObjectSelection.Rest) ? [] : names;
    }

    private static bool HoldsPassword(string postgres)
    {
        var parts = new NpgsqlConnectionStringBuilder(postgres);
        return !string.IsNullOrEmpty(parts.Password) || !string.IsNullOrEmpty(parts.SslPassword);
    }
}
