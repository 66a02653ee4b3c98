namespace SalesforceSync.Configuration;

/// <summary>All the user configured, validated: whoever holds one need not check again.</summary>
internal sealed record SyncOptions
{
    /// <summary>Npgsql connection string.</summary>
    public required Secret Postgres { get; init; }

    /// <summary>At least one, by name.</summary>
    public required IReadOnlyList<OrgOptions> Orgs { get; init; }

    public HttpOptions Http { get; init; } = new();
}

/// <summary>The worker's own HTTP server.</summary>
internal sealed record HttpOptions
{
    /// <summary>0 takes any free port, which the log names.</summary>
    public int Port { get; init; } = 8080;
}
