namespace SalesforceSync.Database;

/// <summary>What a private server is for; the defaults suit the demo, which proves that committed rows survive.</summary>
internal sealed record LocalPostgresOptions
{
    /// <summary>True: a commit is on disk when it returns. False: a throw-away server that is fast and forgets when the machine stops.</summary>
    public bool Durable { get; init; } = true;

    public int MaxConnections { get; init; } = 200;

    /// <summary>Where its directory is made.</summary>
    public string Within { get; init; } = Path.GetTempPath();

    /// <summary>Further settings by their Postgres names (<c>wal_writer_delay</c>); they win over ours.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Everything given to <c>postgres -c</c>, in the order in which later ones win.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Effective(int port, string socketDirectory)
    {
        var durable = Durable ? "on" : "off";
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = $"{port}",
            ["unix_socket_directories"] = socketDirectory,
            ["max_connections"] = $"{MaxConnections}",
            ["fsync"] = durable,
            ["synchronous_commit"] = durable,
            ["full_page_writes"] = durable,
            ["timezone"] = "UTC",
            ["log_timezone"] = "UTC",
        };
        foreach (var (name, value) in Settings) settings[name] = value;
        return settings;
    }
}
