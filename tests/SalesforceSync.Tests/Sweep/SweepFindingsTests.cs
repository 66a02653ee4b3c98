using SalesforceSync.Apply;
using SalesforceSync.Snapshot;
using SalesforceSync.Sweep;
using SalesforceSync.Tests.Apply.Evidence;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Snapshot;

namespace SalesforceSync.Tests.Sweep;

/// <summary>What becomes of what a comparison found, and when it is over.</summary>
public sealed class SweepFindingsTests
{
    [PostgresFact]
    public async Task Only_what_was_asked_for_and_not_shown_stays_absent()
    {
        await using var asked = await AskedRecords.OpenAsync(10);
        asked.Hide(1, 2, 3);
        var read = await asked.ReadAsync();
        await asked.Org.RunAsync($"insert into salesforce_sync.sweep (read, org, object, absent) values ({read.Id}, 'acme', 'Account', 3)");
        for (var i = 1; i <= 3; i++)
            await asked.Org.RunAsync($"insert into salesforce_sync.suspect (read, record_id, what) values ({read.Id}, '{AskedRecords.Id(i)}', 'absent')");
        (asked.Shown[AskedRecords.Id(2)], asked.Shown[AskedRecords.Id(3)]) = (false, true);
        var absences = new AbsenceCheck(asked.Org.Source, asked.Org.Ownership, "acme", asked.Rest);
        var suspects = new Suspects(asked.Org.Source, asked.Org.Ownership, asked.Org.Merge, absences);
        (await suspects.AreJudgedAsync(read, CancellationToken.None)).ShouldBeFalse();
        await suspects.JudgeAsync(read, AskedRecords.Shape, CancellationToken.None);
        (await asked.Org.OneAsync("select string_agg(record_id || ' ' || what, ', ' order by record_id) from salesforce_sync.suspect")).ShouldBe($"{AskedRecords.Id(1)} absent, {AskedRecords.Id(3)} deleted");
        (await suspects.AreJudgedAsync(read, CancellationToken.None)).ShouldBeTrue();
        (await asked.Org.OneAsync($"select calls from salesforce_sync.read where id = {read.Id}")).ShouldBe("1");
    }

    [PostgresFact]
    public async Task A_comparison_is_over_when_nothing_it_found_is_open()
    {
        await using var org = await ReadOrg.OpenAsync();
        var store = new SweepStore(org.Source, org.Ownership, "acme");
        await org.RunAsync("""
            insert into salesforce_sync.read (org, object, channel, kind, reason, state, proves, closed_at) values ('acme', 'Account', 'c', 'sweep', 'verify', 'done', true, clock_timestamp());
            insert into salesforce_sync.repair (org, object, record_id, reason) values ('acme', 'Account', '001', 'sweep')
            """);
        (await store.OverAsync(CancellationToken.None)).ShouldBeEmpty();
        (await store.IsPendingAsync(CancellationToken.None)).ShouldBeTrue();
        await org.RunAsync("update salesforce_sync.repair set state = 'failed'");
        (await store.OverAsync(CancellationToken.None)).ShouldBeEmpty();
        await org.RunAsync("update salesforce_sync.repair set state = 'done'");
        (await store.OverAsync(CancellationToken.None)).Single().Object.ShouldBe("Account");
        (await store.IsPendingAsync(CancellationToken.None)).ShouldBeFalse();
    }

    [PostgresFact]
    public async Task Only_what_is_hidden_is_looked_at_again_and_only_while_no_snapshot_is_open()
    {
        await using var org = await ReadOrg.OpenAsync();
        var store = new SweepStore(org.Source, org.Ownership, "acme");
        await org.RunAsync("update salesforce_sync.object set state = 'frozen', state_reason = '30 of 40 records are not shown any more'");
        (await store.HiddenAsync(CancellationToken.None)).ShouldBeEmpty();
        await org.RunAsync($"update salesforce_sync.object set state_reason = '{Visibility.NotVisible}: Phone'");
        (await store.HiddenAsync(CancellationToken.None)).Single().Object.ShouldBe("Account");
        await org.Reads.RequestAsync(new("Account", ReadOrg.Channel, ReadKind.Snapshot, "test", Proves: true), CancellationToken.None);
        (await store.HiddenAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task A_paused_object_is_not_asked_for_by_the_schedule()
    {
        await using var org = await ReadOrg.OpenAsync();
        var store = new SweepStore(org.Source, org.Ownership, "acme");
        var now = TimeProvider.System.GetUtcNow();
        (await store.DueAsync(now, now.AddHours(-1), CancellationToken.None))!.Value.Object.ShouldBe("Account");
        await org.RunAsync("update salesforce_sync.object set state = 'paused'");
        (await store.DueAsync(now, now, CancellationToken.None)).ShouldBeNull();
    }
}
