using System.Text;
using Microsoft.Extensions.Configuration;
using SalesforceSync.Configuration;

namespace SalesforceSync.Cli.Init;

/// <summary>A secret that does not stand in the file: where it goes and in which form.</summary>
/// <param name="Name">Of the variable, and of the file among the secrets.</param>
/// <param name="Form">All it holds; what stands in angle brackets is to be put in.</param>
/// <param name="When">When it is needed.</param>
internal sealed record MissingSecret(string Name, string Form, string When);

/// <summary>The configuration of one org that <c>init</c> writes. Pure.</summary>
internal static class FirstConfiguration
{
    private const string OfOrg = $"Orgs:{ConfigurationKey.Org}";

    /// <summary>What is at fault in the answers so far, by the configuration's own reader; what is not answered yet counts as answered well.</summary>
    public static IReadOnlyList<ConfigurationFault> Faults(Answers answers)
    {
        var whole = answers with
        {
            OrgName = answers.OrgName ?? "org",
            LoginUrl = answers.LoginUrl ?? "https://org.my.salesforce.com",
            ClientId = answers.ClientId ?? "key",
            Postgres = answers.Postgres ?? "Host=localhost",
            Schema = answers.Schema ?? "copied",
            // A key file is looked into: there is none that could stand for one.
            Flow = answers is { IsJwt: true, KeyFile: null } ? Answers.ClientCredentials : answers.Flow,
            Username = answers is { IsJwt: true, KeyFile: null } ? null : answers.Username ?? (answers.IsJwt ? "user" : null),
        };
        var secrets = whole.IsJwt ? [] : new Dictionary<string, string?> { [$"Orgs:{whole.OrgName}:Auth:ClientSecret"] = "secret" };
        using var json = new MemoryStream(Encoding.UTF8.GetBytes(Text(whole)));
        var configuration = new SyncConfiguration(new ConfigurationBuilder().AddJsonStream(json).AddInMemoryCollection(secrets).Build());
        configuration.ReadAll();
        return configuration.Faults;
    }

    /// <summary>What has to be given beside the file.</summary>
    public static IReadOnlyList<MissingSecret> Secrets(Answers answers) =>
    [
        new("ConnectionStrings__Postgres", $"{answers.Postgres!.TrimEnd(';')};Password=<password>",
            "where the role signs in with a password; it takes the place of the one in the file, whole"),
        .. answers.IsJwt ? Array.Empty<MissingSecret>() : [new($"Orgs__{answers.OrgName}__Auth__ClientSecret", "<consumer secret of the app>", "always")],
        new("Http__Token", "<at least 16 characters, as openssl rand -hex 32 makes them>", "where page and API are used from another machine"),
    ];

    /// <summary>The file. Everything but the objects, the schema and the sign-in with a key has to be answered.</summary>
    public static string Text(Answers answers)
    {
        var text = new ConfigurationText();
        text.Comment($"Configuration of SalesforceSync for the org {answers.OrgName}, written by salesforce-sync init. Comments may stand here. What is commented out is a default: take the slashes away to change it.");
        text.Comment("Secrets do not belong into this file. Give each as an environment variable, or as a file of that name in /run/secrets that holds nothing else:");
        foreach (var secret in Secrets(answers))
            text.Remark($"{secret.Name}: {secret.Form}   ({secret.When})");
        text.Open(null);
        text.Open("ConnectionStrings");
        text.Told("ConnectionStrings:Postgres", ConfigurationText.Json(answers.Postgres!));
        text.Close();
        text.Open("Http");
        text.Left("Http:Port");
        text.Close();
        text.Open("Orgs");
        text.Open(answers.OrgName);
        Org(text, answers);
        text.Close();
        text.Close();
        text.Close();
        return text.ToString();
    }

    private static void Org(ConfigurationText text, Answers answers)
    {
        text.Told($"{OfOrg}:LoginUrl", ConfigurationText.Json(answers.LoginUrl!));
        SignIn(text, answers);
        text.Told($"{OfOrg}:Schema", ConfigurationText.Json(answers.Schema ?? answers.OrgName!));
        text.Told($"{OfOrg}:StartFrom", ConfigurationText.Json(answers.StartFrom ?? "Snapshot"));
        text.Comment(answers.Objects.Count > 0 ? "These objects are copied and no others. An object may have Fields (only these), Exclude (all but these) and Deletes (Soft or Hard)."
            : "All objects of the channel are copied. An object that is not to be: { \"Include\": false }; only some: \"*\": { \"Include\": false } and an entry for each.");
        text.Open("Objects");
        if (answers.Objects.Count > 0)
            text.Value(ObjectSelection.Rest, """{ "Include": false }""");
        foreach (var name in answers.Objects)
            text.Value(name, """{ "Include": true }""");
        text.Close();
        foreach (var key in new[] { "Channels", "SchemaChanges", "OnLostReplayId", "QuietPeriod", "Sweep", "EventRetention", "DeliveredEventsPerDay" })
            text.Left($"{OfOrg}:{key}");
        text.Open("ApiBudget");
        text.Left($"{OfOrg}:ApiBudget:CallsPerMonth");
        text.Left($"{OfOrg}:ApiBudget:ReservePercent");
        text.Close();
    }

    private static void SignIn(ConfigurationText text, Answers answers)
    {
        text.Open("Auth");
        text.Told($"{OfOrg}:Auth:Flow", ConfigurationText.Json(answers.Flow ?? Answers.ClientCredentials));
        text.Told($"{OfOrg}:Auth:ClientId", ConfigurationText.Json(answers.ClientId!));
        if (answers.Username is not null)
            text.Told($"{OfOrg}:Auth:Username", ConfigurationText.Json(answers.Username));
        if (answers.KeyFile is not null)
            text.Told($"{OfOrg}:Auth:PrivateKeyFile", ConfigurationText.Json(answers.KeyFile));
        text.Close();
    }
}
