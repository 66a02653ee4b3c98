using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Parked;
using SalesforceSync.Store;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Simulator;

namespace SalesforceSync.Tests.Store;

public class EventPartitionsTests
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    [PostgresFact]
    public async Task Partitions_are_there_a_week_ahead_and_nothing_fits_beyond()
    {
        await using var source = await PrepareAsync();
        var clock = new ManualClock();
        await Partitions(source, clock).EnsureAsync(CancellationToken.None);
        await Partitions(source, clock).EnsureAsync(CancellationToken.None);
        (await CountAsync(source)).ShouldBe(9);
        await StoreAsync(source, 1, clock.GetUtcNow() + Week);
        await Should.ThrowAsync<PostgresException>(() => StoreAsync(source, 2, clock.GetUtcNow() + TimeSpan.FromDays(9)));
    }

    [PostgresFact]
    public async Task What_is_old_and_applied_is_dropped()
    {
        await using var source = await PrepareAsync();
        var clock = new ManualClock();
        await FillAsync(source, clock, applied: 1);
        (await CountAsync(source, "select count(*) from salesforce_sync.event")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task What_is_not_applied_yet_stays_however_old()
    {
        await using var source = await PrepareAsync();
        var clock = new ManualClock();
        await FillAsync(source, clock, applied: 0);
        (await CountAsync(source, "select count(*) from salesforce_sync.event")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task What_an_open_repair_rests_on_stays_and_goes_when_it_is_done()
    {
        await using var source = await PrepareAsync();
        var clock = new ManualClock();
        await RunAsync(source, "insert into salesforce_sync.repair (org, object, reason, event) values ('acme', 'Account', 'gap_update', 1)");
        await FillAsync(source, clock, applied: 1);
        (await CountAsync(source, "select count(*) from salesforce_sync.event")).ShouldBe(1);
        await RunAsync(source, "update salesforce_sync.repair set state = 'done'");
        await Partitions(source, clock).DropOldAsync(Week, CancellationToken.None);
        (await CountAsync(source, "select count(*) from salesforce_sync.event")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task What_a_quarantined_event_rests_on_stays_until_a_person_closes_it_and_its_bytes_go_after_the_retention()
    {
        await using var source = await PrepareAsync();
        var clock = new ManualClock();
        await RunAsync(source, $"""
            insert into salesforce_sync.quarantine (org, channel, event, replay_id, schema_id, payload, reason, at)
            values ('acme', '/data/ChangeEvents', 1, '\x01', 's', '\xffff', 'a test', '{clock.GetUtcNow():O}');
            insert into salesforce_sync.repair (org, object, reason, event, state) values ('acme', 'schema s', 'quarantine', 1, 'done')
            """);
        await FillAsync(source, clock, applied: 1);
        (await CountAsync(source, "select count(*) from salesforce_sync.event")).ShouldBe(1);
        var parked = new ParkedEvents(source, "acme");
        await parked.DropAsync(await parked.FindAsync(new([], []), closed: false, CancellationToken.None), CancellationToken.None);
        await RunAsync(source, $"update salesforce_sync.quarantine set closed_at = '{clock.GetUtcNow():O}'");
        await Partitions(source, clock).DropOldAsync(Week, CancellationToken.None);
        (await CountAsync(source, "select count(*) from salesforce_sync.event")).ShouldBe(0);
        (await CountAsync(source, "select count(payload) from salesforce_sync.quarantine")).ShouldBe(1);
        clock.Advance(TimeSpan.FromDays(8));
        await Partitions(source, clock).DropOldAsync(Week, CancellationToken.None);
        (await CountAsync(source, "select count(*) from salesforce_sync.quarantine where state = 'dropped' and payload is null")).ShouldBe(1);
    }

    /// <summary>One event today, and then ten days pass.</summary>
    private static async Task FillAsync(NpgsqlDataSource source, ManualClock clock, long applied)
    {
        await Partitions(source, clock).EnsureAsync(CancellationToken.None);
        await StoreAsync(source, 1, clock.GetUtcNow());
        await RunAsync(source, $"insert into salesforce_sync.cursor (org, channel, stage, endpoint, event, epoch) values ('acme', '/data/ChangeEvents', 'applied', 'host', {applied}, 1)");
        clock.Advance(TimeSpan.FromDays(10));
        await Partitions(source, clock).DropOldAsync(Week, CancellationToken.None);
    }

    private static async Task<NpgsqlDataSource> PrepareAsync()
    {
        var source = Postgres.Open(await PostgresFixture.CreateDatabaseAsync());
        await Migrations.ApplyAsync(source, Migrations.All, NullLogger.Instance, CancellationToken.None);
        await RunAsync(source, "insert into salesforce_sync.org (name) values ('acme')");
        return source;
    }

    private static EventPartitions Partitions(NpgsqlDataSource source, ManualClock clock) => new(source, clock, NullLogger.Instance);

    private static Task StoreAsync(NpgsqlDataSource source, long number, DateTimeOffset at) => RunAsync(
        source, $"insert into salesforce_sync.event values ('acme', '/data/ChangeEvents', {number}, '\\x01', 'e', 's', '\\x00', '{at:O}')");

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql = "select count(*) from pg_inherits where inhparent = 'salesforce_sync.event'::regclass")
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
