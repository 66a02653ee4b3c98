namespace SalesforceSync.Configuration;

/// <summary>One org as the user described it, validated. Defaults stand beside the properties; docs are design 2.2.</summary>
internal sealed record OrgOptions
{
    /// <summary><c>[a-z][a-z0-9_]{0,40}</c>; the key of the org everywhere.</summary>
    public required string Name { get; init; }

    /// <summary>My Domain or login host without a closing slash; null only for <see cref="SignInFlow.AccessToken"/>, which asks for no token.</summary>
    public required Uri? LoginUrl { get; init; }

    public required SignInFlow Auth { get; init; }

    public Uri PubSubEndpoint { get; init; } = new("https://api.pubsub.salesforce.com:7443");

    /// <summary>REST and Bulk version without the letter: <c>66.0</c>.</summary>
    public string ApiVersion { get; init; } = "66.0";

    public IReadOnlyList<string> Channels { get; init; } = ["/data/ChangeEvents"];

    public StartFrom StartFrom { get; init; } = StartFrom.Snapshot;

    public LostReplayIdPolicy OnLostReplayId { get; init; } = LostReplayIdPolicy.Repair;

    public SchemaChanges SchemaChanges { get; init; } = SchemaChanges.Apply;

    /// <summary>Postgres schema of the org's tables; the org's name where none is given.</summary>
    public required string Schema { get; init; }

    public ObjectSelection Objects { get; init; } = ObjectSelection.All;

    /// <summary>The key of every hash that stands in the place of a value; needed where a field is hashed.</summary>
    public Secret? MaskKey { get; init; }

    public ApiBudget ApiBudget { get; init; } = new();

    /// <summary>Events the org's edition allows to be delivered in 24 hours, all subscribers together.</summary>
    public int DeliveredEventsPerDay { get; init; } = 50_000;

    /// <summary>Silence after which an open transaction counts as complete.</summary>
    public TimeSpan QuietPeriod { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Silence after which a stream counts as dead. Salesforce promises a sign of life within 270 s.</summary>
    public TimeSpan SilenceAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>When every object is compared with Salesforce; null: only when asked (<c>off</c>). Where nothing is configured: <see cref="CronSchedule.Daily"/>.</summary>
    public CronSchedule? Sweep { get; init; }

    public FormulaPolicy Formulas { get; init; } = FormulaPolicy.Omit;

    /// <summary>How long stored events are kept at least.</summary>
    public TimeSpan EventRetention { get; init; } = TimeSpan.FromDays(7);
}
