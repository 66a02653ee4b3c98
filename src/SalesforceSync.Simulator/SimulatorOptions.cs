using System.Net;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Simulator;

/// <summary>How a simulator is run as a program of its own.</summary>
public sealed record SimulatorOptions
{
    /// <summary>Where it listens; clients accept clear text from loopback only.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>OAuth, REST and control; 0 for any free port.</summary>
    public int Port { get; init; }

    /// <summary>Pub/Sub; 0 for any free port.</summary>
    public int GrpcPort { get; init; }

    /// <summary>PEM files of a certificate and its key for TLS on both ports; null for clear text.</summary>
    public string? CertificateFile { get; init; }

    /// <inheritdoc cref="CertificateFile"/>
    public string? CertificateKeyFile { get; init; }

    /// <summary>What token answers call the org's instance; null for the address listened on.</summary>
    public string? InstanceUrl { get; init; }

    /// <summary>Decides everything left to chance.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>15 or 18 characters; null for a made-up one.</summary>
    public string? OrgId { get; init; }

    /// <summary>An empty response after so long without one.</summary>
    public TimeSpan Keepalive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Accepted at sign-in; null for the made-up default.</summary>
    public string? ClientId { get; init; }

    /// <inheritdoc cref="ClientId"/>
    public string? ClientSecret { get; init; }

    /// <summary>PEM file of the public key for the JWT bearer flow; null refuses it.</summary>
    public string? JwtPublicKeyFile { get; init; }

    /// <summary>Split batches at random, as servers may.</summary>
    public bool SplitBatches { get; init; } = true;

    /// <summary>Records that are there before anything happens; 0 for an empty org.</summary>
    public int Prefill { get; init; }

    /// <summary>Objects that have very many unchanging records more, computed when read and no part of the truth: name to how many.</summary>
    public IReadOnlyDictionary<string, int> Crowd { get; init; } = new Dictionary<string, int>();

    /// <summary>How long a Bulk query job is worked on; zero: it is complete when its state is asked for.</summary>
    public TimeSpan BulkDuration { get; init; }

    /// <summary>The most rows of a page of Bulk results.</summary>
    public int BulkPageRows { get; init; } = 100_000;

    /// <summary>REST and Bulk requests within 24 hours.</summary>
    public int DailyCalls { get; init; } = 100_000;

    /// <summary>Begun at once; null leaves it to the control surface.</summary>
    public WorkloadOrder? Workload { get; init; }
}
