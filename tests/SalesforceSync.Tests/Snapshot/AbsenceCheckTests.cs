using SalesforceSync.Snapshot;
using SalesforceSync.Tests.Apply;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Snapshot;

/// <summary>Rule E2: what a reading that has not seen a record says of it.</summary>
public sealed class AbsenceCheckTests
{
    [PostgresFact]
    public async Task What_is_not_shown_beside_what_is_shown_is_gone_and_what_lies_in_the_bin_deleted()
    {
        await using var asked = await AskedRecords.OpenAsync(10);
        asked.Hide(1, 2);
        var read = await asked.ReadAsync();
        asked.Shown[Id(2)] = true;
        var judged = await asked.JudgeAsync(read);
        (judged.Absent.Single(), judged.Deleted.Single(), judged.Calls).ShouldBe((Id(1), Id(2), 1));
    }

    [PostgresFact]
    public async Task Nothing_is_gone_when_what_was_read_a_moment_ago_is_not_shown_either()
    {
        await using var asked = await AskedRecords.OpenAsync(10);
        asked.Hide(1);
        var read = await asked.ReadAsync();
        asked.Hide(7);
        (await Should.ThrowAsync<ObjectFrozenException>(() => asked.JudgeAsync(read))).Message.ShouldContain("cannot be told");
    }

    [PostgresFact]
    public async Task An_answer_without_ids_shows_nothing()
    {
        await using var asked = await AskedRecords.OpenAsync(10);
        asked.Hide(1);
        var read = await asked.ReadAsync();
        asked.IdName = "Key";
        (await Should.ThrowAsync<ReadingFailedException>(() => asked.JudgeAsync(read))).Message.ShouldBe("a record of Account has no id");
    }

    [PostgresFact]
    public async Task What_an_event_told_of_since_is_not_judged()
    {
        await using var asked = await AskedRecords.OpenAsync(10);
        asked.Hide(1, 2);
        var read = await asked.ReadAsync();
        await asked.ChangeAsync(Id(1));
        (await asked.JudgeAsync(read)).Absent.ShouldBe([Id(2)]);
    }

    [PostgresFact]
    public async Task What_lives_and_was_not_seen_is_fetched_by_a_later_reading_and_not_answered_by_this_one()
    {
        await using var asked = await AskedRecords.OpenAsync(10);
        asked.Hide(1);
        var read = await asked.ReadAsync();
        asked.Shown[Id(1)] = false;
        (await asked.JudgeAsync(read)).Absent.ShouldBeEmpty();
        await asked.Org.FinishAsync(read, AskedRecords.Shape.Evidence);
        (await asked.Org.OneAsync("select record_id || ' ' || state from salesforce_sync.repair where reason = 'sweep'")).ShouldBe($"{Id(1)} open");
        await asked.Org.FinishAsync(await asked.Org.BeginAsync(), AskedRecords.Shape.Evidence);
        (await asked.Org.OneAsync("select state from salesforce_sync.repair where reason = 'sweep'")).ShouldBe("done");
    }

    [PostgresTheory]
    [InlineData(-3, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public async Task A_record_is_judged_only_if_its_last_event_is_older_than_the_reading(int seconds, bool judged)
    {
        await using var asked = await AskedRecords.OpenAsync(10);
        asked.Hide(1);
        var read = await asked.ReadAsync(DateTimeOffset.FromUnixTimeMilliseconds(TestChanges.CommittedAt).AddHours(1));
        await asked.Org.RunAsync($"update acme.account set _sync_commit_at = '{read.BeganAt!.Value.AddSeconds(seconds):u}' where id = '{Id(1)}'");
        (await asked.JudgeAsync(read)).Absent.Count.ShouldBe(judged ? 1 : 0);
        (await asked.Org.OneAsync("select count(*) from salesforce_sync.repair where reason = 'sweep'")).ShouldBe(judged ? "0" : "1");
    }

    [PostgresTheory]
    [InlineData(20, true, true)]
    [InlineData(20, false, false)]
    [InlineData(21, true, false)]
    public async Task The_last_few_of_an_object_are_believed_to_be_gone_while_it_may_be_queried(int rows, bool queryable, bool believed)
    {
        await using var asked = await AskedRecords.OpenAsync(rows);
        (asked.IsQueryable, var all) = (queryable, Enumerable.Range(1, rows));
        asked.Hide(all);
        var read = await asked.ReadAsync();
        if (believed)
            (await asked.JudgeAsync(read)).Absent.Count.ShouldBe(rows);
        else
            await Should.ThrowAsync<ObjectFrozenException>(() => asked.JudgeAsync(read));
    }

    [PostgresTheory]
    [InlineData(40, 20, true)]
    [InlineData(44, 22, true)]
    [InlineData(44, 23, false)]
    [InlineData(30, 20, true)]
    [InlineData(30, 21, false)]
    public async Task More_than_half_and_more_than_a_few_are_believed_by_nobody_but_who_has_looked(int rows, int gone, bool believed)
    {
        await using var asked = await AskedRecords.OpenAsync(rows);
        asked.Hide(Enumerable.Range(1, gone));
        var read = await asked.ReadAsync();
        if (believed)
            (await asked.JudgeAsync(read)).Absent.Count.ShouldBe(gone);
        else
            await Should.ThrowAsync<ObjectFrozenException>(() => asked.JudgeAsync(read));
        (await asked.JudgeAsync(read with { Reason = AbsenceCheck.Accepted })).Absent.Count.ShouldBe(gone);
    }

    [PostgresFact]
    public async Task What_was_seen_and_is_forgotten_shows_nothing()
    {
        await using var asked = await AskedRecords.OpenAsync(10);
        asked.Hide(1);
        var read = await asked.ReadAsync();
        await asked.Org.RunAsync("delete from salesforce_sync.seen where record_id like '%5AAA'");
        await Should.ThrowAsync<ReadingFailedException>(() => asked.JudgeAsync(read));
        await asked.Org.RunAsync("delete from salesforce_sync.seen");
        await Should.ThrowAsync<ReadingFailedException>(() => asked.JudgeAsync(read with { JobId = BulkJobs.ByRest }));
    }

    private static string Id(int i) => AskedRecords.Id(i);
}
