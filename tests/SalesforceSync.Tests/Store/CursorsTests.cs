using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Store;
using SalesforceSync.Tests.Chaos;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Store;

public sealed class CursorsTests
{
    private const string Channel = "/data/ChangeEvents";

    [PostgresFact]
    public async Task A_channel_whose_first_start_was_cut_off_is_in_the_coverage_all_the_same()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        var way = new NpgsqlConnectionStringBuilder(database) { SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable };
        await using var proxy = new ChaosProxy(seed: 1, isPostgres: true) { Target = new IPEndPoint(IPAddress.Loopback, way.Port) };
        way.Port = proxy.Port;
        await using var source = Postgres.Open(way.ConnectionString);
        await Migrations.ApplyAsync(source, Migrations.All, NullLogger.Instance, CancellationToken.None);
        await using var lease = (await Lease.TryTakeAsync(source, "acme", TimeProvider.System, NullLogger.Instance, CancellationToken.None))!;
        var cursors = new Cursors(source, lease.Ownership);

        proxy.Judge = exchange => exchange.Says("insert into salesforce_sync.coverage") && proxy.Tally.CutBefore == 0 ? Fate.CutBefore : Fate.Pass;
        await Should.ThrowAsync<NpgsqlException>(() => cursors.StartAsync(Channel, "api.pubsub.salesforce.com", CancellationToken.None));
        proxy.Tally.CutBefore.ShouldBe(1);
        await cursors.StartAsync(Channel, "api.pubsub.salesforce.com", CancellationToken.None);

        await using var count = source.CreateCommand("select count(*) from salesforce_sync.coverage where org = 'acme' and state = 'streamed'");
        (await count.ExecuteScalarAsync()).ShouldBe(1L);
    }
}
