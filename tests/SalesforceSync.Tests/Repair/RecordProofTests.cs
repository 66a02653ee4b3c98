using SalesforceSync.Repair;
using SalesforceSync.Snapshot;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Snapshot;

namespace SalesforceSync.Tests.Repair;

/// <summary>Rule E2: what is said of records that a fetch by id did not bring.</summary>
public sealed class RecordProofTests
{
    [PostgresFact]
    public async Task What_is_not_shown_beside_others_is_absent_and_what_is_shown_comes_with_its_values()
    {
        await using var asked = await AskedRecords.OpenAsync(12);
        asked.Hide(1);
        asked.Shown[AskedRecords.Id(2)] = true;
        var verdicts = await JudgeAsync(asked, 1, 2);
        (verdicts.Absent.Single(), verdicts.Doubt).ShouldBe((AskedRecords.Id(1), null));
        verdicts.Parts.Single().Rows.Single().IsDeleted.ShouldBeTrue();
    }

    [PostgresTheory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public async Task Nothing_is_said_while_half_of_the_others_are_not_shown_either(int hidden, bool proven)
    {
        // Ten others are asked for.
        await using var asked = await AskedRecords.OpenAsync(11);
        asked.Hide(Enumerable.Range(1, hidden + 1));
        var verdicts = await JudgeAsync(asked, 1);
        (verdicts.Absent.Count, verdicts.Doubt is null).ShouldBe((proven ? 1 : 0, proven));
    }

    [PostgresTheory]
    [InlineData(20, true, true)]
    [InlineData(20, false, false)]
    [InlineData(21, true, false)]
    public async Task Of_an_object_without_others_a_few_may_be_gone_while_it_may_be_queried(int rows, bool queryable, bool proven)
    {
        await using var asked = await AskedRecords.OpenAsync(rows);
        (asked.IsQueryable, int[] all) = (queryable, [.. Enumerable.Range(1, rows)]);
        asked.Hide(all);
        var verdicts = await JudgeAsync(asked, all);
        (verdicts.Absent.Count, verdicts.Doubt is null).ShouldBe((proven ? rows : 0, proven));
    }

    [PostgresFact]
    public async Task More_than_half_of_an_object_at_once_is_believed_by_nobody()
    {
        await using var asked = await AskedRecords.OpenAsync(40);
        int[] gone = [.. Enumerable.Range(1, 21)];
        asked.Hide(gone);
        await Should.ThrowAsync<ObjectFrozenException>(() => JudgeAsync(asked, gone));
        (await JudgeAsync(asked, gone[..20])).Absent.Count.ShouldBe(20);
    }

    private static Task<Verdicts> JudgeAsync(AskedRecords asked, params int[] records) => new RecordProof(asked.Org.Source, "acme", asked.Rest)
        .JudgeAsync(AskedRecords.Shape, [.. records.Select(AskedRecords.Id)], [], CancellationToken.None);
}
