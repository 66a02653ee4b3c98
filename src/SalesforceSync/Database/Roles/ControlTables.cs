namespace SalesforceSync.Database.Roles;

/// <summary>Which relations of <c>salesforce_sync</c> are not like the others. What is named nowhere here is written by the writer and kept from the reader.</summary>
internal static class ControlTables
{
    /// <summary>Its partitions are made and dropped by the worker, which Postgres lets none but the owner do.</summary>
    public const string Event = "event";

    /// <summary>Nobody changes or takes away what it says; rows are only added.</summary>
    public const string Audit = "audit";

    /// <summary>Rows are added by migrations alone.</summary>
    public const string Migration = "migration";

    /// <summary>What the reader sees whole: states, positions, figures and names, no value of a field and no secret.</summary>
    public static IReadOnlyList<string> Open { get; } =
    [
        "api_budget", "api_call", "api_spent", Audit, "avro_schema", "coverage", "cursor", "delivered", "field", "image", "known_gaps", "lease", Migration,
        "object", "org", "read", "repair", "substituted", "sweep",
    ];

    /// <summary>What the reader sees of parked events: not their bytes.</summary>
    public const string OpenOfQuarantine = "id, org, channel, event, schema_id, object, reason, state, at, closed_at";

    /// <summary>Partly open, by columns.</summary>
    public const string Quarantine = "quarantine";
}
