using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using SalesforceSync.Simulator.Bulk;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Simulator;

/// <summary>Runs a simulated org as a program: serves until told to stop.</summary>
public static class SimulatorHost
{
    /// <summary>API names of the objects of a simulated org.</summary>
    public static IReadOnlyList<string> Objects { get; } = [.. OrgSchema.NewOrg().Select(one => one.Name)];

    /// <summary>
    /// Writes one line of JSON to <paramref name="ready"/> once it serves:
    /// <c>{"loginUrl","pubSubEndpoint","orgId","clientId","clientSecret"}</c>; returns when <paramref name="stop"/> is cancelled.
    /// </summary>
    /// <exception cref="IOException">A port is taken, or a file cannot be read.</exception>
    public static async Task RunAsync(SimulatorOptions options, TextWriter ready, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(ready);
        using var certificate = options.CertificateFile is { } file ? X509Certificate2.CreateFromPemFile(file, options.CertificateKeyFile) : null;
        var settings = await SettingsAsync(options, certificate, stop);
        await using var simulated = await SimulatedSalesforce.StartAsync(settings, TimeProvider.System, stop);
        if (options.Prefill > 0) simulated.Workload.Plant(new PrefillOrder { Records = options.Prefill, Seed = options.Seed });
        await ready.WriteLineAsync(JsonSerializer.Serialize(new
        {
            loginUrl = simulated.LoginUrl,
            pubSubEndpoint = simulated.PubSubEndpoint,
            orgId = settings.Org.OrgId,
            clientId = settings.SignIn.ClientId,
            clientSecret = settings.SignIn.ClientSecret
        }).AsMemory(), stop);
        await ready.FlushAsync(stop);
        if (options.Workload is { } order) simulated.Workload.Start(order);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task<SimulatorSettings> SettingsAsync(SimulatorOptions options, X509Certificate2? certificate, CancellationToken stop)
    {
        var org = new OrgOptions { Seed = options.Seed };
        if (options.OrgId is { } id) org = org with { OrgId = SalesforceId.Widen(id) };
        var signIn = new SignInRules();
        if (options.ClientId is { } client) signIn = signIn with { ClientId = client };
        if (options.ClientSecret is { } secret) signIn = signIn with { ClientSecret = secret };
        if (options.JwtPublicKeyFile is { } key) signIn = signIn with { JwtPublicKey = await File.ReadAllTextAsync(key, stop) };
        return new SimulatorSettings
        {
            Org = org,
            SignIn = signIn,
            Address = options.Address,
            Port = options.Port,
            GrpcPort = options.GrpcPort,
            Certificate = certificate,
            InstanceUrl = options.InstanceUrl,
            Keepalive = options.Keepalive,
            SplitBatches = options.SplitBatches,
            Crowd = options.Crowd,
            Bulk = new BulkRules { Duration = options.BulkDuration, PageRows = options.BulkPageRows },
            Allowances = new Allowances { DailyCalls = options.DailyCalls }
        };
    }
}
