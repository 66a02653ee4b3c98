using System.Text.Json;
using SalesforceSync.Cli.Demo;

namespace SalesforceSync.Benchmarks.EndToEnd;

/// <summary><c>salesforce-sync run</c> as it is published.</summary>
internal sealed class WorkerContestant(WatchedProcess process, BenchedOrg org, string database, string log) : IContestant
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public string Name => "SalesforceSync";

    public BenchedOrg Org => org;

    public string Topic => "/data/ChangeEvents";

    public string Database => database;

    public string Position => "select encode(replay_id, 'hex') from salesforce_sync.cursor where stage = 'applied'";

    public int ProcessId => process.Id;

    public Task<int> Exited => process.Exited;

    public string Log => File.ReadAllText(log);

    /// <summary>Where its HTTP server listens, once it has said so.</summary>
    public async Task<Uri> ListeningAsync(TimeProvider time, CancellationToken stop)
    {
        for (; ; await Task.Delay(Look, time, stop))
        {
            foreach (var line in (await File.ReadAllLinesAsync(log, stop)).Where(line => line.StartsWith('{')))
            {
                using var said = JsonDocument.Parse(line);
                if (said.RootElement.GetProperty("Properties").TryGetProperty("Port", out var port))
                    return new Uri($"http://127.0.0.1:{port.GetInt32()}/");
            }
            if (process.Exited.IsCompleted)
                throw new InvalidOperationException($"{Name} ended with {await process.Exited}:\n{Log}");
        }
    }

    public static async Task<WorkerContestant> StartAsync(string program, BenchedOrg org, string database, LocalAuthority authority, TimeProvider time, CancellationToken stop)
    {
        var environment = BenchedOrg.Surroundings();
        environment["SSL_CERT_FILE"] = authority.RootFile;
        environment["ConnectionStrings__Postgres"] = database;
        environment["Orgs__bench__LoginUrl"] = org.LoginUrl;
        environment["Orgs__bench__PubSubEndpoint"] = org.PubSubEndpoint.ToString();
        environment["Orgs__bench__Auth__ClientId"] = org.ClientId;
        environment["Orgs__bench__Auth__ClientSecret"] = org.ClientSecret;
        environment["Orgs__bench__StartFrom"] = "Earliest";
        environment["Http__Port"] = "0";
        var log = Path.Combine(authority.Folder, "worker.log");
        return new(await WatchedProcess.StartAsync([program, "run"], environment, log, speaks: false, time, stop), org, database, log);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
