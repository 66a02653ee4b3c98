using Microsoft.Extensions.Configuration;
using Npgsql;

namespace SalesforceSync.Configuration;

/// <summary>
/// The configuration as read from its sources. Every reader adds all faults it finds to <see cref="Faults"/>; what a reader returns may be used
/// only when there are none. A verb reads just the parts it needs, so that a fault elsewhere does not stop it.
/// </summary>
internal sealed class SyncConfiguration
{
    /// <summary>Guessing a shorter one is a matter of time.</summary>
    private const int ShortestToken = 16;

    private readonly List<ConfigurationFault> _faults = [];

    private readonly Action<AskedKey>? _asked;

    /// <param name="asked">Hears of every key that is asked for.</param>
    public SyncConfiguration(ConfigurationSources sources, Action<AskedKey>? asked = null) => (Root, _asked) = (sources.Load(_faults), asked);

    /// <summary>What was read from elsewhere.</summary>
    public SyncConfiguration(IConfigurationRoot root) => Root = root;

    public IConfigurationRoot Root { get; }

    /// <summary>All faults found so far, in the order of reading.</summary>
    public IReadOnlyList<ConfigurationFault> Faults => _faults;

    /// <summary>Everything, or null when there is any fault.</summary>
    public SyncOptions? ReadAll()
    {
        var postgres = ReadPostgres();
        var orgs = ReadOrgs();
        var http = ReadHttp();
        var telemetry = ReadTelemetry();
        return _faults.Count > 0 ? null : new SyncOptions { Postgres = postgres!.Value, Orgs = orgs, Http = http, Telemetry = telemetry };
    }

    public Secret? ReadPostgres()
    {
        const string Example = "Host=...;Username=...;Password=...;Database=...";
        var section = Top("ConnectionStrings");
        var secret = section.RequiredSecret("Postgres", $"give an Npgsql connection string: {Example}");
        section.RefuseUnknown();
        if (secret is not { } text)
            return null;
        try
        {
            var parts = new NpgsqlConnectionStringBuilder(text.Reveal);
            if (string.IsNullOrEmpty(parts.Host))
                section.Fault("Postgres", ConfigurationFault.Hidden, $"names no Host; give {Example}");
            if (parts.IncludeErrorDetail)
                section.Fault("Postgres", ConfigurationFault.Hidden, "take Include Error Detail out: it puts field values into error messages");
        }
        // The message of the parser may quote what it could not read, which may be the password: it is not shown.
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            section.Fault("Postgres", ConfigurationFault.Hidden, $"is no Npgsql connection string (nor is a postgres:// URL); give {Example}");
        }
        return secret;
    }

    /// <summary>The schemas of the orgs' tables, of which no more needs to be known.</summary>
    public IReadOnlyList<string> ReadSchemas()
    {
        var section = Top("Orgs");
        return [.. section.Children.Order(StringComparer.Ordinal).Select(name => OrgReader.Schema(section.Section(name), name)).Distinct()];
    }

    public HttpOptions ReadHttp()
    {
        var section = Top("Http");
        var http = new HttpOptions();
        http = http with { Port = section.Number("Port", 0, 65535) ?? http.Port, Token = section.Secret("Token") };
        if (http.Token is { } token && (token.Reveal.Length < ShortestToken || token.Reveal.Any(c => c is <= ' ' or > '~')))
            section.Fault("Token", ConfigurationFault.Hidden, $"give at least {ShortestToken} letters, digits or signs without a space, as `openssl rand -hex 32` makes them");
        section.RefuseUnknown();
        return http;
    }

    private TelemetryOptions ReadTelemetry()
    {
        var section = Top("Telemetry");
        var telemetry = new TelemetryOptions { OtlpOverHttp = section.Flag("OtlpOverHttp") ?? false };
        telemetry = telemetry with { TraceRatio = section.Share("TraceRatio") ?? telemetry.TraceRatio };
        if (section.Text("OtlpEndpoint") is { } text)
        {
            var (url, refusal) = UrlRule.Check(text);
            if (refusal is not null)
                section.Fault("OtlpEndpoint", text, refusal);
            telemetry = telemetry with { OtlpEndpoint = url };
        }
        section.RefuseUnknown();
        return telemetry;
    }

    private List<OrgOptions> ReadOrgs()
    {
        var section = Top("Orgs");
        var orgs = new List<OrgOptions>();
        var schemas = new Dictionary<string, string>();
        var names = section.Children.Order(StringComparer.Ordinal).ToArray();
        if (names.Length == 0)
            _faults.Add(new("Orgs", ConfigurationFault.Missing, "name at least one org, e.g. Orgs:acme:LoginUrl"));
        foreach (var name in names)
        {
            var org = section.Section(name);
            if (OrgReader.Read(name, org) is { } options)
                orgs.Add(options);
            var schema = org.Text("Schema") ?? name;
            if (!schemas.TryAdd(schema, name))
                org.Fault("Schema", schema, $"belongs to the org {schemas[schema]} already; give each org its own");
        }
        return orgs;
    }

    private SectionReader Top(string name)
    {
        if (!string.IsNullOrEmpty(Root[name]))
            _faults.Add(new(name, ConfigurationFault.Hidden, "is a section; give the keys below it"));
        return new SectionReader(Root, name, _faults, _asked);
    }
}
