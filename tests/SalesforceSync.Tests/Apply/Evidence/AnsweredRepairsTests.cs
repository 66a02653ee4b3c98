using SalesforceSync.Apply;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply.Evidence;

public class AnsweredRepairsTests
{
    // World 30: a gap event overtook the event of an older change by less than the clocks' slack before the fetch, and the repair was closed with the older value.
    // World 1603: so it was where the repair was open since long, and the gap event only asked once more.
    [PostgresTheory]
    [InlineData("1 second", "1 second", "open")]
    [InlineData("5 seconds", "1 second", "open")]
    [InlineData("1 second", "1 minute", "done")]
    [InlineData("5 seconds", "1 minute", "open")]
    public async Task A_repair_asked_for_lately_is_not_answered_by_a_reading_that_skipped_an_event_about_as_old(string eventAge, string askedAgo, string state)
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.RunAsync(
            $"""
            insert into salesforce_sync.org (name) values ('acme');
            insert into salesforce_sync.read (id, org, object, channel, kind, reason, state, anchor, turn, began_at, started_at) overriding system value
                values (7, 'acme', 'Account', '/data/A', 'repair', 'records', 'merging', 100, 20, '2026-01-01 12:00:00Z', '2026-01-01 12:00:00Z');
            insert into salesforce_sync.repair (org, object, record_id, reason, event, opened_at, asked_at)
                values ('acme', 'Account', '001', 'gap_update', 100, '2026-01-01 11:00:00Z', timestamptz '2026-01-01 12:00:00Z' - interval '{askedAgo}');
            insert into salesforce_sync.touch (org, object, record_id, event, columns, existence, commit_at)
                values ('acme', 'Account', '001', 101, array['phone'], true, timestamptz '2026-01-01 12:00:00Z' - interval '{eventAge}')
            """);
        await database.RunAsync(AnsweredRepairs.OfRecords.Replace("$1", "'acme'", StringComparison.Ordinal).Replace("$2", "7", StringComparison.Ordinal).Replace("$3", "'{001}'", StringComparison.Ordinal));
        (await database.ScalarAsync("select state from salesforce_sync.repair")).ShouldBe(state);
    }

    // World 26: a field that was shown again was never read of unchanged records, for a snapshot of what changed since a gap was taken to bring it.
    [PostgresTheory]
    [InlineData("null", 0)]
    [InlineData("now()", 1)]
    public async Task A_snapshot_of_what_changed_since_a_gap_fills_no_column(string since, long fills)
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.RunAsync(
            $"""
            insert into salesforce_sync.org (name) values ('acme');
            insert into salesforce_sync.object (org, object, channel) values ('acme', 'Account', '/data/A');
            insert into salesforce_sync.read (org, object, channel, kind, reason, since) values ('acme', 'Account', '/data/A', 'snapshot', 'gap', {since})
            """);
        await new DriftRows(database.Connection, "acme").WriteAsync(new("Account", ["Site"], [], [], Pause: false, Resume: false), "/data/A", 1, CancellationToken.None);
        (await database.ScalarAsync("select count(*) from salesforce_sync.read where kind = 'fill'")).ShouldBe(fills);
    }
}
