using System.Globalization;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Chaos;

/// <summary>
/// A commit whose answer never came may have happened or not. Which of the two is read from the database (rule F2); both end in the same copy.
/// </summary>
public sealed class UnknownCommitTests
{
    private const int LeaseLost = 7012;
    private const int BeginsAnew = 8103;
    private const int AppliedFrom = 5001;
    private const int ResumesAfter = 2002;

    private const string Applied = "select event from salesforce_sync.cursor where stage = 'applied'";
    private const string Received = "select event from salesforce_sync.cursor where stage = 'received'";

    [PostgresTheory]
    [Trait(Extent.Trait, Extent.Whole)]
    [InlineData(nameof(Fate.LoseAnswer))]
    [InlineData(nameof(Fate.CutBefore))]
    public async Task Rows_whose_commit_was_not_answered_are_there_once(string fate)
    {
        await using var chaos = await ChaoticCopy.CreateAsync();
        await BeginAsync(chaos);
        var before = await chaos.Copied.ScalarAsync<long>(Applied);

        _ = Strike(chaos, Enum.Parse<Fate>(fate), exchange => exchange.Commits("set replay_id = $5, event = $6, interleaved"));
        chaos.Copy.Commit(1);
        await chaos.Copy.ShouldBeExactAsync();

        // The new loop goes on from what it has read: the commit happened, or it did not.
        await chaos.UntilLoggedAsync(AppliedFrom, 2);
        var from = Last(chaos, AppliedFrom);
        ShouldHaveStruckOnce(chaos);
        chaos.Logged(BeginsAnew).ShouldBe(1);
        if (fate == nameof(Fate.LoseAnswer))
            from.ShouldBeGreaterThan(before);
        else
            from.ShouldBe(before);
    }

    [PostgresTheory]
    [Trait(Extent.Trait, Extent.Whole)]
    [InlineData(nameof(Fate.LoseAnswer))]
    [InlineData(nameof(Fate.CutBefore))]
    public async Task Events_whose_storing_was_not_answered_are_stored_once(string fate)
    {
        await using var chaos = await ChaoticCopy.CreateAsync();
        await BeginAsync(chaos);
        var before = await chaos.Copied.ScalarAsync<long>(Received);

        _ = Strike(chaos, Enum.Parse<Fate>(fate), exchange => exchange.Says("insert into salesforce_sync.event "));
        chaos.Copy.Commit(1);
        await chaos.Copy.ShouldBeExactAsync();

        await chaos.UntilLoggedAsync(ResumesAfter, 2);
        var from = Last(chaos, ResumesAfter);
        ShouldHaveStruckOnce(chaos);
        chaos.Logged(BeginsAnew).ShouldBe(1);
        if (fate == nameof(Fate.LoseAnswer))
            from.ShouldBeGreaterThan(before);
        else
            from.ShouldBe(before);
    }

    [PostgresTheory]
    [InlineData(nameof(Fate.LoseAnswer), 2)]
    [InlineData(nameof(Fate.CutBefore), 1)]
    public async Task An_org_that_was_taken_without_knowing_it_is_taken_again(string fate, int epoch)
    {
        await using var chaos = await ChaoticCopy.CreateAsync();
        _ = Strike(chaos, Enum.Parse<Fate>(fate), exchange => exchange.Commits("set epoch = epoch + 1"));
        await BeginAsync(chaos);

        ShouldHaveStruckOnce(chaos);
        chaos.Logged(BeginsAnew).ShouldBe(1);
        (await chaos.Copied.ScalarAsync<long>("select epoch from salesforce_sync.org")).ShouldBe(epoch);
    }

    [PostgresTheory]
    [InlineData(nameof(Fate.LoseAnswer))]
    [InlineData(nameof(Fate.CutBefore))]
    public async Task A_renewal_of_the_lease_that_was_not_answered_is_asked_again_and_the_work_goes_on(string fate)
    {
        await using var chaos = await ChaoticCopy.CreateAsync();
        await BeginAsync(chaos);
        var struck = Strike(chaos, Enum.Parse<Fate>(fate), exchange => exchange.Says("update salesforce_sync.lease set owner = $2"));
        await struck.WaitAsync(TimeSpan.FromSeconds(20));
        chaos.Copy.Commit(20);
        await chaos.Copy.ShouldBeExactAsync();

        await chaos.Copied.UntilAsync("select until > clock_timestamp() + interval '8 s' from salesforce_sync.lease");
        ShouldHaveStruckOnce(chaos);
        (chaos.Logged(BeginsAnew) + chaos.Logged(LeaseLost)).ShouldBe(0, chaos.Copied.Log.ToString());
        (await chaos.Copied.ScalarAsync<long>("select epoch from salesforce_sync.org")).ShouldBe(1);
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task Under_load_every_fifth_commit_of_any_kind_may_be_lost_or_go_unanswered()
    {
        await using var chaos = await ChaoticCopy.CreateAsync();
        await BeginAsync(chaos);
        var commits = 0;
        chaos.Postgres.Judge = exchange => !(exchange.Commits("set replay_id = $5, event = $6, interleaved") || exchange.Says("insert into salesforce_sync.event "))
            ? Fate.Pass
            : Interlocked.Increment(ref commits) switch
            {
                5 or 15 or 25 => Fate.LoseAnswer,
                10 or 20 or 30 => Fate.CutBefore,
                _ => Fate.Pass,
            };
        while (Volatile.Read(ref commits) < 30)
        {
            chaos.Copy.Commit(5);
            await chaos.Copied.CaughtUpAsync();
        }
        await chaos.Copy.ShouldBeExactAsync();

        chaos.Postgres.Tally.AnswersLost.ShouldBe(3);
        chaos.Postgres.Tally.CutBefore.ShouldBe(3);
    }

    private static async Task BeginAsync(ChaoticCopy chaos)
    {
        chaos.Copied.Start();
        chaos.Copy.Commit(50);
        await chaos.Copy.ShouldBeExactAsync();
    }

    /// <summary>The next exchange of this kind meets its fate, once.</summary>
    private static Task Strike(ChaoticCopy chaos, Fate fate, Func<Exchange, bool> isIt)
    {
        var struck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        chaos.Postgres.Judge = exchange => isIt(exchange) && struck.TrySetResult() ? fate : Fate.Pass;
        return struck.Task;
    }

    private static void ShouldHaveStruckOnce(ChaoticCopy chaos) => (chaos.Postgres.Tally.CutBefore + chaos.Postgres.Tally.AnswersLost).ShouldBe(1);

    /// <summary>The last number in the last line of this id.</summary>
    private static long Last(ChaoticCopy chaos, int id) =>
        long.Parse(chaos.Copied.Log.Lines.Last(line => line.Id == id).Text.Split([' ', ')']).Last(word => long.TryParse(word, out _)), CultureInfo.InvariantCulture);
}
