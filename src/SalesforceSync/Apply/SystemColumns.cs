namespace SalesforceSync.Apply;

/// <summary>The columns every table has beside its fields.</summary>
internal static class SystemColumns
{
    public const string Id = "id";

    /// <summary>Name and definition, in the order tables are made with.</summary>
    public static IReadOnlyList<(string Name, string Definition)> All { get; } =
    [
        ("_sync_event", "bigint"),
        ("_sync_source", "text"),
        ("_sync_deleted", "boolean not null default false"),
        ("_sync_incomplete", "boolean not null default false"),
        ("_sync_commit_at", "timestamptz"),
        ("_sync_commit_number", "bigint"),
        ("_sync_transaction_key", "text"),
        ("_sync_sequence", "integer"),
        ("_sync_applied_at", "timestamptz"),
    ];

    public static bool Contains(string column) => All.Any(c => c.Name == column);
}
