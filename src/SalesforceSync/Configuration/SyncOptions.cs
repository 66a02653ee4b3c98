namespace SalesforceSync.Configuration;

/// <summary>All the user configured, validated: whoever holds one need not check again.</summary>
internal sealed record SyncOptions
{
    /// <summary>Npgsql connection string.</summary>
    public required Secret Postgres { get; init; }

    /// <summary>At least one, by name.</summary>
    public required IReadOnlyList<OrgOptions> Orgs { get; init; }

    public HttpOptions Http { get; init; } = new();

    public TelemetryOptions Telemetry { get; init; } = new();
}

/// <summary>The worker's own HTTP server.</summary>
internal sealed record HttpOptions
{
    /// <summary>0 takes any free port, which the log names.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Whoever shows it may read and act; null: only health is answered to others than this machine.</summary>
    public Secret? Token { get; init; }
}

/// <summary>Where metrics are sent, beside being answered at <c>/metrics</c>, and traces.</summary>
internal sealed record TelemetryOptions
{
    /// <summary>Null: nowhere.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>OTLP as protobuf over HTTP, below <c>v1/</c> of the endpoint, instead of over gRPC.</summary>
    public bool OtlpOverHttp { get; init; }

    /// <summary>The share of the Salesforce transactions that is traced, from 0 to 1.</summary>
    public double TraceRatio { get; init; } = 0.01;

    /// <summary>As <see cref="TraceRatio"/> where there is somebody to tell, else none.</summary>
    public double TracedShare => OtlpEndpoint is null ? 0 : TraceRatio;
}
