using System.Text.Json;
using SalesforceSync.Tests.Apply;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Sweep;

public class KnownGapsTests
{
    private const string Org = """
        insert into salesforce_sync.org (name, state) values ('acme', 'repairing'), ('beta', 'streaming');
        insert into salesforce_sync.object (org, object, channel, proven_at, rows_here, rows_there) values
            ('acme', 'Account', '/data/A', '2026-11-19 02:00Z', 10, 12), ('acme', 'Contact', '/data/A', null, null, null),
            ('acme', 'Lead', '/data/B', '2026-11-19 02:00Z', 1, 1), ('beta', 'Account', '/data/A', '2026-11-19 02:00Z', 1, 1);
        """;

    [PostgresFact]
    public async Task Nothing_known_to_be_missing_is_no_row()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.RunAsync(Org);
        await database.RunAsync("""
            insert into salesforce_sync.coverage (org, state, from_event, to_event) values ('acme', 'gap', 1, 2), ('acme', 'streamed', 1, null);
            insert into salesforce_sync.repair (org, object, reason, state) values ('acme', 'Account', 'gap', 'done');
            """);
        (await GapsAsync(database)).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task A_gap_of_a_channel_is_one_of_each_of_its_objects_with_what_is_being_done()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.RunAsync(Org);
        await database.RunAsync("""
            insert into salesforce_sync.coverage (org, state, from_event, from_at, to_at, evidence) values
                ('acme', 'gap', 5, '2026-11-20 01:00Z', '2026-11-20 02:00Z', '{"reason":"replay id too old","channel":"/data/A"}');
            insert into salesforce_sync.read (org, object, channel, kind, reason, state, proves, tries, rows_merged, rows_expected) values
                ('acme', 'Account', '/data/A', 'snapshot', 'gap', 'merging', true, 1, 50, 200),
                ('acme', 'Contact', '/data/A', 'repair', 'gap', 'reading', false, 0, 0, null);
            """);
        (await GapsAsync(database)).ShouldBe([
            "acme Account gap replay id too old 01:00-02:00 snapshot 1 is merging, 50 of 200 rows tries=1 proven=02:00",
            "acme Contact gap replay id too old 01:00-02:00 waits for a reading of the object tries=- proven=-"]);
    }

    [PostgresFact]
    public async Task Repairs_quarantine_and_frozen_objects_are_known_gaps_too()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.RunAsync(Org);
        await database.RunAsync("""
            insert into salesforce_sync.repair (org, object, record_id, reason, opened_at, tries, next_at) values
                ('acme', 'Lead', 'a', 'gap', '2026-11-20 03:00Z', 2, '2026-11-20 04:00Z'), ('acme', 'Lead', 'b', 'gap', '2026-11-20 03:30Z', 0, '2026-11-20 04:30Z');
            insert into salesforce_sync.quarantine (org, channel, event, replay_id, schema_id, object, payload, reason, at) values
                ('acme', '/data/A', 1, '\x01', 's', 'Contact', '\x', 'no plan', '2026-11-20 05:00Z');
            update salesforce_sync.object set state = 'frozen', state_reason = 'Phone is hidden' where org = 'acme' and object = 'Account';
            """);
        (await GapsAsync(database)).ShouldBe([
            "acme Account frozen Phone is hidden 02:00-- a person has to act tries=- proven=02:00",
            "acme Contact quarantine no plan 05:00-- events wait to be decoded tries=- proven=-",
            "acme Lead repair gap 03:00-- records are fetched tries=2 proven=02:00"]);
    }

    [PostgresFact]
    public async Task Status_shows_them_as_text_and_as_a_document()
    {
        var connectionString = await PostgresFixture.CreateDatabaseAsync();
        using var scratch = new ScratchConfiguration().Variable("ConnectionStrings__Postgres", connectionString);
        await CommandRun.OfAsync(scratch, "migrate");
        await using var source = SalesforceSync.Database.Postgres.Open(connectionString);
        await using (var fill = source.CreateCommand(Org + "insert into salesforce_sync.repair (org, object, record_id, reason) values ('acme', 'Lead', 'a', 'gap')"))
            await fill.ExecuteNonQueryAsync();
        var acme = (await CommandRun.OfAsync(scratch, "status", "--json")).Json.GetProperty("orgs")[0];
        acme.GetProperty("objects").EnumerateArray().Select(o => $"{o.GetProperty("object")} {o.GetProperty("rowsHere")} {o.GetProperty("rowsThere")}")
            .ShouldBe(["Account 10 12", "Contact  ", "Lead 1 1"]);
        var gap = acme.GetProperty("knownGaps").EnumerateArray().ShouldHaveSingleItem();
        gap.GetProperty("doing").GetString().ShouldBe("records are fetched");
        gap.GetProperty("ageSeconds").GetDouble().ShouldBeLessThan(60);
        gap.GetProperty("provenAt").ValueKind.ShouldBe(JsonValueKind.String);
        var text = (await CommandRun.OfAsync(scratch, "status")).Out;
        text.ShouldContain("acme\tAccount\tcopied\t10\t12\t2026-11-19 02:00:00\t-\t-\n");
        text.ShouldContain("acme\tLead\trepair\tgap\t");
    }

    private static Task<List<string>> GapsAsync(RowsDatabase database) => database.ListAsync("""
        select concat_ws(' ', org, object, what, reason, coalesce(to_char(since, 'HH24:MI'), '-') || '-' || coalesce(to_char(until, 'HH24:MI'), '-'), doing,
            'tries=' || coalesce(tries::text, '-'), 'proven=' || coalesce(to_char(proven_at, 'HH24:MI'), '-'))
        from salesforce_sync.known_gaps order by org, object, what
        """);
}
