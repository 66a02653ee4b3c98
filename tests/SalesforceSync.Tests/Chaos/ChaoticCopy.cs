using System.Net;
using Npgsql;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Status;
using SalesforceSync.Tests.EndToEnd;
using OrgOptions = SalesforceSync.Configuration.OrgOptions;

namespace SalesforceSync.Tests.Chaos;

/// <summary>A proven copy whose worker reaches Postgres and the org through proxies only; the test itself looks past them.</summary>
internal sealed class ChaoticCopy : IAsyncDisposable
{
    private const int Seed = 71;

    private ChaoticCopy(ProvenCopy copy, ChaosProxy postgres, ChaosProxy rest, ChaosProxy pubSub) =>
        (Copy, Postgres, Rest, PubSub) = (copy, postgres, rest, pubSub);

    public ProvenCopy Copy { get; }

    public CopiedOrg Copied => Copy.Copied;

    public ChaosProxy Postgres { get; }

    /// <summary>Sign-in, REST and Bulk.</summary>
    public ChaosProxy Rest { get; }

    public ChaosProxy PubSub { get; }

    /// <param name="impatient">The operator has set short timeouts in the connection string.</param>
    public static async Task<ChaoticCopy> CreateAsync(
        SimulatorSettings? settings = null, Func<OrgOptions, OrgOptions>? change = null, bool gaps = true, bool impatient = false)
    {
        var (postgres, rest, pubSub) = (new ChaosProxy(Seed, isPostgres: true), new ChaosProxy(Seed + 1), new ChaosProxy(Seed + 2));
        var copy = await ProvenCopy.CreateAsync(
            (settings ?? new()) with { InstanceUrl = rest.Address },
            options => (change?.Invoke(options) ?? options) with { LoginUrl = new Uri(rest.Address), PubSubEndpoint = new Uri(pubSub.Address) }, gaps: gaps);
        var direct = new NpgsqlConnectionStringBuilder(copy.Copied.Database);
        (rest.Target, pubSub.Target) = (EndPointOf(copy.Copied.Simulated.LoginUrl), EndPointOf(copy.Copied.Simulated.PubSubEndpoint));
        postgres.Target = new IPEndPoint(IPAddress.Loopback, direct.Port);
        (direct.Port, direct.SslMode, direct.GssEncryptionMode) = (postgres.Port, SslMode.Disable, GssEncryptionMode.Disable);
        if (impatient)
            (direct.Timeout, direct.CommandTimeout, direct.CancellationTimeout) = (2, 3, 500);
        copy.Copied.WorkerDatabase = direct.ConnectionString;
        return new(copy, postgres, rest, pubSub);
    }

    public int Logged(int id) => Copied.Log.Lines.Count(line => line.Id == id);

    public Task UntilLoggedAsync(int id, int times) => Copied.UntilAsync("select true", () => Logged(id) >= times);

    /// <summary>What the worker answers to whoever asks whether it is ready.</summary>
    public HealthAnswer Ready => Copied.Health.Ready();

    public async ValueTask DisposeAsync()
    {
        // Whoever waits behind a silence is told that it is over.
        foreach (var proxy in new[] { Postgres, Rest, PubSub })
        {
            proxy.SpeakAgain();
            proxy.ResetAll();
        }
        await Copy.DisposeAsync();
        await Postgres.DisposeAsync();
        await Rest.DisposeAsync();
        await PubSub.DisposeAsync();
    }

    private static IPEndPoint EndPointOf(string address) => new(IPAddress.Loopback, new Uri(address).Port);
}
