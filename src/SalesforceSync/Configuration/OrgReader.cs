using System.Text;
using System.Text.RegularExpressions;

namespace SalesforceSync.Configuration;

/// <summary>Reads <c>Orgs:&lt;name&gt;</c>.</summary>
internal static partial class OrgReader
{
    private const string LoginUrlRemedy = "give the My Domain URL (https://<MyDomain>.my.salesforce.com) or the login host";

    /// <summary>Bytes: with fewer a hash could be turned back by trying keys.</summary>
    private const int ShortestMaskKey = 32;

    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(60);

    /// <summary>The org, or null when a key without which there is no org is at fault. Faults elsewhere leave the default in place.</summary>
    public static OrgOptions? Read(string name, SectionReader org)
    {
        if (!OrgName().IsMatch(name))
            org.Fault("Name", name, "name the org with a lower-case letter, then at most 40 lower-case letters, digits and _");
        var auth = org.Section("Auth");
        var needsLogin = SignInReader.NeedsLoginUrl(auth);
        var loginUrl = Url(org, "LoginUrl");
        if (needsLogin && loginUrl is null && org.Text("LoginUrl") is null)
            org.Fault("LoginUrl", null, LoginUrlRemedy);
        var flow = SignInReader.Read(auth);
        var usual = new OrgOptions { Name = name, LoginUrl = loginUrl, Auth = flow!, Schema = name };
        var options = usual with
        {
            PubSubEndpoint = Endpoint(org) ?? usual.PubSubEndpoint,
            ApiVersion = Version(org) ?? usual.ApiVersion,
            Channels = Channels(org) ?? usual.Channels,
            StartFrom = org.Word<StartFrom>("StartFrom") ?? usual.StartFrom,
            OnLostReplayId = org.Word<LostReplayIdPolicy>("OnLostReplayId") ?? usual.OnLostReplayId,
            SchemaChanges = org.Word<SchemaChanges>("SchemaChanges") ?? usual.SchemaChanges,
            Schema = Schema(org, name),
            Objects = ObjectsReader.Read(org.Section("Objects")),
            MaskKey = org.Secret("MaskKey"),
            ApiBudget = ApiBudget.Read(org.Section("ApiBudget")),
            DeliveredEventsPerDay = org.Number("DeliveredEventsPerDay", 1, 2_000_000_000) ?? usual.DeliveredEventsPerDay,
            QuietPeriod = org.Span("QuietPeriod", TimeSpan.FromMilliseconds(1), LongestQuiet) ?? usual.QuietPeriod,
            SilenceAfter = org.Span("SilenceAfter", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)) ?? usual.SilenceAfter,
            Sweep = Sweep(org, name),
            Formulas = org.Word<FormulaPolicy>("Formulas") ?? usual.Formulas,
            EventRetention = org.Span("EventRetention", TimeSpan.FromDays(1), TimeSpan.FromDays(3660)) ?? usual.EventRetention,
        };
        if (options.QuietPeriod >= options.SilenceAfter)
            org.Fault("QuietPeriod", $"{options.QuietPeriod:c}", $"give less than SilenceAfter ({options.SilenceAfter:c})");
        CheckMaskKey(org, options);
        org.RefuseUnknown();
        return flow is null || (needsLogin && loginUrl is null) ? null : options;
    }

    private static void CheckMaskKey(SectionReader org, OrgOptions options)
    {
        if (options.MaskKey is { } key)
        {
            if (Encoding.UTF8.GetByteCount(key.Reveal) < ShortestMaskKey)
                org.Fault("MaskKey", ConfigurationFault.Hidden, $"give a secret of at least {ShortestMaskKey} bytes, as `openssl rand -hex 32` makes them");
            return;
        }
        var hashed = options.Objects.Named.SelectMany(o => o.Value.Mask.Where(m => m.Value == FieldMask.Hash).Select(m => $"{o.Key}:Mask:{m.Key}")).FirstOrDefault();
        if (hashed is not null)
            org.Fault("MaskKey", null, $"Objects:{hashed} is Hash, which needs a key: give a secret of at least {ShortestMaskKey} bytes, as `openssl rand -hex 32` makes them, and keep it");
    }

    private static Uri? Url(SectionReader org, string key)
    {
        if (org.Text(key) is not { } text)
            return null;
        var (url, refusal) = UrlRule.Check(text);
        if (refusal is not null)
            org.Fault(key, text.Contains('@', StringComparison.Ordinal) ? ConfigurationFault.Hidden : text, refusal);
        return url;
    }

    private static Uri? Endpoint(SectionReader org)
    {
        var url = Url(org, "PubSubEndpoint");
        if (url is { AbsolutePath: not "/" })
            org.Fault("PubSubEndpoint", url.AbsoluteUri, "give https://host:port without a path");
        return url;
    }

    private static string? Version(SectionReader org)
    {
        if (org.Text("ApiVersion") is not { } text)
            return null;
        if (!ApiVersion().IsMatch(text))
            org.Fault("ApiVersion", text, "give a version such as 66.0");
        return text.TrimStart('v');
    }

    private static IReadOnlyList<string>? Channels(SectionReader org)
    {
        if (org.List("Channels") is not { } channels)
            return null;
        foreach (var (index, remedy) in ChannelRule.Faults(channels))
            org.Fault($"Channels:{index}", channels[index], remedy);
        return channels;
    }

    private static CronSchedule? Sweep(SectionReader org, string name)
    {
        if (org.Text("Sweep") is not { } text || text.Equals("daily", StringComparison.OrdinalIgnoreCase))
            return CronSchedule.Daily(name);
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase))
            return null;
        if (CronSchedule.TryParse(text, out var remedy) is { } schedule)
            return schedule;
        org.Fault("Sweep", text, remedy);
        return null;
    }

    // Ours begin with the name of the control schema: kept images and shadows of rebuilds have their own.
    private static readonly string[] Reserved = ["salesforce_sync", "pg_"];

    /// <summary>The schema of the org's tables.</summary>
    public static string Schema(SectionReader org, string name)
    {
        var schema = org.Text("Schema") ?? name;
        if (schema is "public" or "information_schema" || Reserved.Any(start => schema.StartsWith(start, StringComparison.Ordinal)))
            org.Fault("Schema", schema, "is taken; give a schema of its own, not public, salesforce_sync*, information_schema or pg_*");
        else if (!SchemaName().IsMatch(schema))
            org.Fault("Schema", schema, "give a lower-case letter or _, then at most 62 lower-case letters, digits and _");
        return schema;
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,40}$")]
    private static partial Regex OrgName();

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,62}$")]
    private static partial Regex SchemaName();

    [GeneratedRegex(@"^v?[1-9][0-9]{1,2}\.0$")]
    private static partial Regex ApiVersion();
}
