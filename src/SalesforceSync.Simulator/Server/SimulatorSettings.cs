using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using SalesforceSync.Simulator.Bulk;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Server;

/// <summary>How the simulated Salesforce is served.</summary>
internal sealed record SimulatorSettings
{
    public OrgOptions Org { get; init; } = new();

    public SignInRules SignIn { get; init; } = new();

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>OAuth, REST and control; 0 for any free port.</summary>
    public int Port { get; init; }

    /// <summary>Pub/Sub; 0 for any free port.</summary>
    public int GrpcPort { get; init; }

    /// <summary>TLS on both ports with this certificate; null for clear text, which leaves no other choice than HTTP/2 with prior knowledge for Pub/Sub.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>What answers call the org's instance; null for the address of <see cref="Port"/>.</summary>
    public string? InstanceUrl { get; init; }

    /// <summary>An empty response after so long without one. Salesforce promises 270 s, 60 s were observed.</summary>
    public TimeSpan Keepalive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a stream lives without credit.</summary>
    public TimeSpan CloseWithoutCredit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Split batches at random, as servers may; otherwise each is as large as credit and size allow.</summary>
    public bool SplitBatches { get; init; } = true;

    public Allowances Allowances { get; init; } = new();

    public BulkRules Bulk { get; init; } = new();

    /// <summary>Objects that have very many records more, computed when read: name to how many. See <see cref="SalesforceSync.Simulator.Bulk.Crowd"/>.</summary>
    public IReadOnlyDictionary<string, int> Crowd { get; init; } = new Dictionary<string, int>();

    /// <summary>Stands before every request of either port and passes it on, or does not: the place for a call that fails.</summary>
    public Func<HttpContext, RequestDelegate, Task>? Before { get; init; }
}
