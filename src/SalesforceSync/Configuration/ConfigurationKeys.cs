namespace SalesforceSync.Configuration;

/// <summary>
/// Every key there is, told to people: docs/configuration.md is made from it, and so are the comments <c>init</c> writes. Defaults come from the options
/// themselves. A test listens to the readers and holds that this is all they ask for, and no more.
/// </summary>
internal static class ConfigurationKeys
{
    private const string OfOrg = $"Orgs:{ConfigurationKey.Org}";

    private const string OfAuth = $"{OfOrg}:Auth";

    private const string OfObject = $"{OfOrg}:Objects:{ConfigurationKey.Object}";

    private const string PerFlow = "required by the flow";

    private static readonly OrgOptions Org = new() { Name = "", LoginUrl = null, Auth = null!, Schema = "" };

    private static readonly HttpOptions Http = new();

    private static readonly TelemetryOptions Telemetry = new();

    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        new("ConnectionStrings:Postgres", "required", "where the copy is kept: host, database, role and password. Take a role that may create a schema in the database, or run `migrate` once with one that may",
            "secret text: an Npgsql connection string, `Host=…;Username=…;Password=…;Database=…`"),
        new("Http:Port", Code(Http.Port), "where page, API, metrics and health answer; `0` takes any free port, which the log names"),
        new("Http:Token", "none", "who shows it (`Authorization: Bearer`, or typed into the page) sees everything. Without it everything but `/health/*` is answered to this machine only",
            "secret text of at least 16 characters without a space"),
        new("Telemetry:OtlpEndpoint", "none: not sent", "where [metrics](metrics.md) are sent by OTLP, beside `/metrics`, and [traces](traces.md)", "URL"),
        new("Telemetry:OtlpOverHttp", Code(Telemetry.OtlpOverHttp ? "true" : "false"), "protobuf over HTTP, below `v1/` of the endpoint, instead of gRPC"),
        new("Telemetry:TraceRatio", Code(Telemetry.TraceRatio), "the share of the Salesforce transactions that is traced; `0` for none"),
        new("Serilog:*", "JSON lines on standard output, text on a terminal", "levels and sinks, as Serilog.Settings.Configuration reads them; for more detail `Serilog:MinimumLevel:Default` is `Debug`", "as Serilog.Settings.Configuration has them"),

        new($"{OfOrg}:LoginUrl", "required, but for the flow `AccessToken`", "My Domain or login host, where tokens are asked for. The client credentials flow is answered by the My Domain host only",
            "URL"),
        new($"{OfOrg}:PubSubEndpoint", Code(Org.PubSubEndpoint.AbsoluteUri.TrimEnd('/')), "the Pub/Sub API", "`https://host:port`"),
        new($"{OfOrg}:ApiVersion", Code(Org.ApiVersion), "version of REST and Bulk", "`66.0` or `v66.0`"),
        new($"{OfOrg}:Channels", Code(List(Org.Channels)), "where change events come from. A custom channel that holds several objects keeps their transactions whole; an object belongs to exactly one channel",
            "list of channels: `/data/…` or `/event/…`"),
        new($"{OfOrg}:StartFrom", Code(Org.StartFrom), "where an org without a stored position begins: with what there is, read under the stream; with the oldest event kept (72 hours); with the next event"),
        new($"{OfOrg}:OnLostReplayId", Code(Org.OnLostReplayId), "what is done when Salesforce no longer knows the stored position; see [operations](operations.md)"),
        new($"{OfOrg}:SchemaChanges", Code(Org.SchemaChanges), "what is done when an object gets other fields; see [operations](operations.md)"),
        new($"{OfOrg}:Schema", "the org's name", "Postgres schema of the tables; each org has its own",
            "lower-case letters, digits and `_`, at most 63; not `public`, `salesforce_sync*`, `information_schema`, `pg_*`"),
        new($"{OfOrg}:DeliveredEventsPerDay", Code(Org.DeliveredEventsPerDay), "events the org's edition allows to be delivered in 24 hours, all its subscribers together; warned of at 70 and 90 %"),
        new($"{OfOrg}:QuietPeriod", Code(AskedKey.Written(Org.QuietPeriod)), "silence after which a transaction counts as complete, and how much later a live change is visible; less than `SilenceAfter`"),
        new($"{OfOrg}:SilenceAfter", Code(AskedKey.Written(Org.SilenceAfter)), "silence after which a stream counts as dead and is opened again; Salesforce promises a sign of life within 270 s"),
        new($"{OfOrg}:Sweep", $"{Code("daily")}: a minute between 00:00 and 06:00 UTC that depends on the name", "when every object is compared with Salesforce", "`daily`, `off`, or five cron fields in UTC"),
        new($"{OfOrg}:Formulas", Code(Org.Formulas), "calculated fields change without an event: they are left out, or read with every scheduled sweep"),
        new($"{OfOrg}:EventRetention", Code(AskedKey.Written(Org.EventRetention)), "how long stored events are kept at least"),
        new($"{OfOrg}:MaskKey", "none; required where a field is hashed", "the key of every hash a mask makes, to be kept: with another one hashed columns are read anew; see [masks](decisions/0020-masks.md)",
            "secret text of at least 32 bytes"),
        new($"{OfOrg}:ApiBudget:CallsPerMonth", Code(Org.ApiBudget.CallsPerMonth), "API calls in a calendar month (UTC); what would exceed it is not sent and waits; see [budget](budget.md)"),
        new($"{OfOrg}:ApiBudget:ReservePercent", Code(Org.ApiBudget.ReservePercent), "of them, kept for what the copy cannot be right without; sign-in is never refused"),

        new($"{OfAuth}:Flow", Code(SignInReader.DefaultFlow), "how the org is signed in to", AskedKey.OneOf(SignInReader.Flows.Keys)),
        new($"{OfAuth}:ClientId", PerFlow, "consumer key of the app"),
        new($"{OfAuth}:ClientSecret", PerFlow, "consumer secret of the app"),
        new($"{OfAuth}:Username", PerFlow, "user name of the integration user"),
        new($"{OfAuth}:Password", PerFlow, "the password with the security token appended"),
        new($"{OfAuth}:PrivateKeyFile", PerFlow, "file of the app's private key; it has to be readable to the user the program runs as", "path of an RSA key in PEM without a passphrase"),
        new($"{OfAuth}:RefreshToken", PerFlow, "the refresh token; where the org replaces it with every use, the newest is kept in Postgres"),
        new($"{OfAuth}:AccessToken", PerFlow, "a token got elsewhere, for a try: it cannot be renewed"),
        new($"{OfAuth}:InstanceUrl", PerFlow, "the URL of the org", "URL"),
        new($"{OfAuth}:TenantId", PerFlow, "the org's id", "15 or 18 letters and digits"),

        new($"{OfObject}:Include", Code(ObjectOptions.Default.Include ? "true" : "false"), $"whether the object is copied; {Code("false")} under `*` copies only what has an entry"),
        new($"{OfObject}:Fields", "all but `Exclude`", "API names of the only fields to copy; not under `*`, and not beside `Exclude`. A part of a compound is named as REST names it, `BillingStreet`; the compound's name, `BillingAddress`, covers its parts"),
        new($"{OfObject}:Exclude", "none", "API names of the fields not to copy; not under `*`, and not beside `Fields`"),
        new($"{OfObject}:Deletes", Code(ObjectOptions.Default.Deletes), "what a delete in Salesforce does: the row stays and `_sync_deleted` is set, or the row goes"),
        new($"{OfObject}:Mask:{ConfigurationKey.Field}", "none",
            "values of this field are kept nowhere, not even in stored events: it has no column; a text column with a keyed hash of each value; or one with `REDACTED` where there is a value. Naming a compound masks its parts; not under `*`; see [masks](decisions/0020-masks.md)"),
    ];

    private static string Code<T>(T value) where T : notnull => FormattableString.Invariant($"`{value}`");

    private static string List(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(t => $"\"{t}\""))}]";
}
