using Npgsql;
using SalesforceSync.Cli.Demo;

namespace SalesforceSync.Benchmarks.EndToEnd;

/// <summary>tests/strangers/pg-consumer.mjs: the npm client and pg, one upsert and one replay id per event, each its own commit.</summary>
internal sealed class PeerContestant(WatchedProcess process, BenchedOrg org, string database, string log) : IContestant
{
    public string Name => "npm client + pg";

    public BenchedOrg Org => org;

    public string Topic => "/data/AccountChangeEvent";

    public string Database => database;

    // The npm client knows eight bytes of a replay id, as a number.
    public string Position => "select lpad(to_hex(replay_id), 16, '0') || '0000' from replay";

    public int ProcessId => process.Id;

    public Task<int> Exited => process.Exited;

    public string Log => File.ReadAllText(log);

    public static async Task<PeerContestant> StartAsync(string node, string folder, BenchedOrg org, string database, LocalAuthority authority, TimeProvider time, CancellationToken stop)
    {
        var postgres = new NpgsqlConnectionStringBuilder(database);
        string[] command =
        [
            node, Path.Combine(folder, "pg-consumer.mjs"), $"localhost:{org.PubSubEndpoint.Port}", org.LoginUrl.TrimEnd('/'), await org.SignInAsync(stop), org.OrgId,
            $"postgres://{postgres.Username}@{postgres.Host}:{postgres.Port}/{postgres.Database}",
        ];
        var log = Path.Combine(authority.Folder, "peer.log");
        return new(await WatchedProcess.StartAsync(command, BenchedOrg.Surroundings(), log, speaks: false, time, stop), org, database, log);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
