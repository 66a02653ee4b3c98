using SalesforceSync.Sweep;
using SalesforceSync.Tests.Apply;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Sweep;

public class SweepComparisonTests
{
    private const string Table = """
        create schema acme;
        create table acme.account (id text collate "C" primary key, _sync_source text, _sync_deleted boolean not null default false,
            _sync_incomplete boolean not null default false, _sync_commit_at timestamptz, lastmodifieddate timestamptz);
        insert into salesforce_sync.org (name) values ('acme');
        insert into salesforce_sync.read (id, org, object, channel, kind, reason, state, anchor, turn) overriding system value
            values (7, 'acme', 'Account', '/data/A', 'sweep', 'test', 'merging', 100, 20);
        insert into salesforce_sync.sweep (read, org, object) values (7, 'acme', 'Account')
        """;

    [PostgresFact]
    public async Task Each_way_of_differing_is_told_apart()
    {
        await using var database = await WithTableAsync();
        await RowAsync(database, "same", "bulk", "12:00:00.5");
        await SeenAsync(database, "same", "12:00:00.5");
        await RowAsync(database, "newerthere", "bulk", "12:00:00");
        await SeenAsync(database, "newerthere", "12:00:01");
        await RowAsync(database, "onlyhere", "cdc", "12:00:00");
        await SeenAsync(database, "onlythere", "12:00:00");
        await RowAsync(database, "bindeleted", "cdc", "12:00:00");
        await SeenAsync(database, "bindeleted", "12:00:00", deleted: true);
        await RowAsync(database, "revived", "cdc", "12:00:00", deleted: true);
        await SeenAsync(database, "revived", "12:00:00");
        await RowAsync(database, "gone", "cdc", "12:00:00", deleted: true);
        await RowAsync(database, "bothdeleted", "cdc", "12:00:00", deleted: true);
        await SeenAsync(database, "bothdeleted", "12:10:00", deleted: true);
        await SeenAsync(database, "neverlive", "12:00:00", deleted: true);
        await RowAsync(database, "incomplete", "cdc", "12:00:00", incomplete: true);
        await SeenAsync(database, "incomplete", "12:00:00");

        var counts = await CompareAsync(database);
        (await SuspectsAsync(database)).ShouldBe(
            ["bindeleted deleted", "incomplete changed", "newerthere changed", "onlyhere absent", "onlythere missing", "revived missing"]);
        counts.ShouldBe(new SweepCounts(Here: 5, There: 5, Changed: 2, Missing: 2, Deleted: 1, Absent: 1));
        (await CompareAsync(database)).ShouldBe(counts);
    }

    [PostgresFact]
    public async Task An_event_tells_whole_seconds_a_merged_row_its_stamp()
    {
        await using var database = await WithTableAsync();
        await RowAsync(database, "samesecond", "cdc", "12:00:00");
        await SeenAsync(database, "samesecond", "12:00:00.999");
        await RowAsync(database, "nextsecond", "cdc", "12:00:00");
        await SeenAsync(database, "nextsecond", "12:00:01");
        await RowAsync(database, "merged", "repair", "12:00:00");
        await SeenAsync(database, "merged", "12:00:00.999");
        await RowAsync(database, "older", "cdc", "12:00:00");
        await SeenAsync(database, "older", "11:00:00");
        await CompareAsync(database);
        (await SuspectsAsync(database)).ShouldBe(["merged changed", "nextsecond changed"]);
    }

    [PostgresFact]
    public async Task A_change_within_the_slack_is_seen_by_the_time_of_the_last_change()
    {
        await using var database = await WithTableAsync();
        await RowAsync(database, "lost", "cdc", "12:00:00", modified: "12:00:00");
        await SeenAsync(database, "lost", "12:00:00.4", modified: "12:00:00.4");
        await RowAsync(database, "same", "cdc", "12:00:00", modified: "12:00:00");
        await SeenAsync(database, "same", "12:00:00.4", modified: "12:00:00");
        await CompareAsync(database);
        (await SuspectsAsync(database)).ShouldBe(["lost changed"]);
    }

    [PostgresFact]
    public async Task Records_without_a_stamp_are_compared_by_the_time_of_their_last_change()
    {
        await using var database = await WithTableAsync();
        foreach (var (id, modified) in ((string, string?)[])[("same", "12:00:00"), ("later", "12:00:01"), ("untold", null)])
        {
            await RowAsync(database, id, "bulk", null, modified: "12:00:00");
            await SeenAsync(database, id, null, modified: modified);
        }
        await RowAsync(database, "stamped", "bulk", null, modified: "12:00:00");
        await SeenAsync(database, "stamped", "12:00:00", modified: "12:00:00");
        await CompareAsync(database);
        (await SuspectsAsync(database)).ShouldBe(["later changed", "stamped changed", "untold changed"]);
    }

    [PostgresFact]
    public async Task What_was_touched_after_the_anchor_is_not_judged()
    {
        await using var database = await WithTableAsync();
        foreach (var id in (string[])["byevent", "bymerge", "before", "elsewhere"])
            await RowAsync(database, id, "cdc", "12:00:00");
        await database.RunAsync("""
            insert into salesforce_sync.touch (org, object, record_id, event, read, existence) values
                ('acme', 'Account', 'byevent', 101, null, true), ('acme', 'Account', 'bymerge', null, 21, true), ('acme', 'Account', 'before', 100, null, true),
                ('acme', 'Account', 'before', null, 19, true),
                ('acme', 'Contact', 'elsewhere', 101, null, true), ('acme', 'Account', 'unknownhere', 101, null, true)
            """);
        await SeenAsync(database, "unknownhere", "12:00:00");
        await CompareAsync(database);
        (await SuspectsAsync(database)).ShouldBe(["before absent", "elsewhere absent"]);
    }

    [PostgresFact]
    public async Task Without_a_table_everything_live_is_missing()
    {
        await using var database = await WithTableAsync();
        await SeenAsync(database, "a", "12:00:00");
        await SeenAsync(database, "b", "12:00:00", deleted: true);
        var comparison = new SweepComparison("acme", "acme", TimeSpan.FromSeconds(1));
        var counts = await comparison.CompareAsync(database.Connection, 7, null, false, CancellationToken.None);
        counts.ShouldBe(new SweepCounts(0, 1, 0, 1, 0, 0));
    }

    private static async Task<RowsDatabase> WithTableAsync()
    {
        var database = await RowsDatabase.OpenAsync();
        await database.RunAsync(Table);
        return database;
    }

    private static Task RowAsync(
        RowsDatabase database, string id, string source, string? at, bool deleted = false, bool incomplete = false, string? modified = null) => database.RunAsync(
        $"insert into acme.account values ('{id}', '{source}', {deleted}, {incomplete}, {Moment(at)}, {Moment(modified)})");

    private static Task SeenAsync(RowsDatabase database, string id, string? at, bool deleted = false, string? modified = null) => database.RunAsync(
        $"insert into salesforce_sync.seen values (7, '{id}', {Moment(at)}, {deleted}, {Moment(modified)})");

    private static string Moment(string? time) => time is null ? "null" : $"'2026-11-20 {time}Z'";

    private static Task<SweepCounts> CompareAsync(RowsDatabase database) => new SweepComparison("acme", "acme", TimeSpan.FromSeconds(1))
        .CompareAsync(database.Connection, 7, "account", true, CancellationToken.None);

    private static Task<List<string>> SuspectsAsync(RowsDatabase database) =>
        database.ListAsync("select record_id || ' ' || what from salesforce_sync.suspect where read = 7 order by record_id");
}
