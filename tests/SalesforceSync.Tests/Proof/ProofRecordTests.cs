using System.Collections.Concurrent;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Proof;

/// <summary>What a part has done is never lost, never counted for another commit, and never prettier than it was.</summary>
public sealed class ProofRecordTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sync-proof-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_second_run_goes_on_where_the_first_one_stopped()
    {
        await RunAsync("one", round => round.Count("trials", 2));
        var record = await RunAsync("one", round =>
        {
            round.Seed.ShouldBe(2);
            round.Count("trials");
            round.Took("waiting", TimeSpan.FromSeconds(1.5));
        });
        (record.Rounds, record.NextSeed, record.Counts["trials"]).ShouldBe((2, 3, 3));
        PartRecord.Find(_folder, "part")!.Durations["waiting"].ShouldBe([1.5]);
    }

    [Fact]
    public async Task Another_commit_or_another_first_seed_begins_anew()
    {
        await RunAsync("one", round => round.Count("trials", 7));
        (await RunAsync("two", round => round.Count("trials"))).Counts["trials"].ShouldBe(1);
        var record = await RunAsync("two", round => round.Count("trials"), seed: 50);
        (record.FirstSeed, record.NextSeed, record.Counts["trials"]).ShouldBe((50, 51, 1));
        (await RunAsync("two", round => round.Count("trials"), seed: 50)).Counts["trials"].ShouldBe(2);
    }

    [Fact]
    public async Task A_violation_is_written_down_with_its_seed_and_fails_every_later_run()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(RunAsync("one", round =>
        {
            round.Count("trials");
            throw new InvalidOperationException("a record is lost");
        }));
        failure.Message.ShouldContain("seed 1");
        PartRecord.Find(_folder, "part")!.Violations.ShouldHaveSingleItem().Message.ShouldContain("a record is lost");
        await Should.ThrowAsync<InvalidOperationException>(RunAsync("one", round => round.Count("trials")));
        PartRecord.Find(_folder, "part")!.Counts["trials"].ShouldBe(2);
    }

    [Fact]
    public async Task A_violation_does_not_tell_where_the_sources_lie()
    {
        var place = Path.Combine(Repository.Root, "tests", "Some.cs");
        await Should.ThrowAsync<InvalidOperationException>(RunAsync("one", round => throw new InvalidOperationException($"in {place}:line 7")));
        var message = PartRecord.Find(_folder, "part")!.Violations.ShouldHaveSingleItem().Message;
        message.ShouldContain("in tests/Some.cs:line 7");
        message.ShouldNotContain(Repository.Root);
    }

    [Fact]
    public async Task A_part_whose_fault_never_came_fails()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(RunAsync("one", round => round.Window("elsewhere")));
        failure.Message.ShouldContain("has proven nothing");
    }

    [Fact]
    public async Task The_report_tells_what_was_counted_and_what_never_ran_and_keeps_what_was_written_by_hand()
    {
        var record = await RunAsync("one", round => round.Count("trials", 1_000), part: ProofParts.Kills);
        var report = ProofReport.Of("one", [record], "# Proof\n\nold figures\n\n## Found and mended\n\n- seed 7\n");
        report.ShouldContain("| 1,000 trials | 0 | 0.3% |");
        report.ShouldContain("| worlds | " + ProofParts.WhatIsRun(ProofParts.Worlds) + " | not run |");
        report.ShouldEndWith("## Found and mended\n\n- seed 7\n");
        report.ShouldNotContain("old figures");
        ProofReport.Of("one", [], null).ShouldContain("Nothing has run yet");
    }

    [Fact]
    public async Task A_few_trials_bound_nothing()
    {
        var record = await RunAsync("one", round => round.Count("trials", 2), part: ProofParts.Kills);
        ProofReport.Of("one", [record], null).ShouldContain("| 2 trials | 0 |  |");
    }

    [Fact]
    public async Task A_part_that_has_nothing_left_to_try_ends_before_its_time()
    {
        var part = new ProofPart(new(_folder, "one", TimeSpan.FromDays(1), null), "part", "trials", "trials");
        var record = await part.RunAsync(round =>
        {
            round.Count("trials");
            round.IsLast = round.Seed == 3;
            return Task.CompletedTask;
        });
        record.Counts["trials"].ShouldBe(3);
    }

    [Fact]
    public async Task Lanes_share_the_seeds_and_the_record()
    {
        var (seeds, together, most) = (new ConcurrentBag<int>(), 0, 0);
        var part = new ProofPart(new(_folder, "one", TimeSpan.FromDays(1), null), "part", "trials", "trials") { Lanes = 3 };
        var record = await part.RunAsync(async round =>
        {
            seeds.Add(round.Seed);
            var now = Interlocked.Increment(ref together);
            lock (seeds) most = Math.Max(most, now);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
            Interlocked.Decrement(ref together);
            round.Count("trials");
            round.Least(["a", "b"]);
            round.IsLast = round.Seed >= 40;
        });
        seeds.Order().ShouldBe(Enumerable.Range(1, seeds.Count));
        most.ShouldBe(3);
        (record.Counts["trials"], record.NextSeed).ShouldBe((seeds.Count, seeds.Count + 1));
        Math.Abs(record.Windows["a"] - record.Windows["b"]).ShouldBeLessThanOrEqualTo(1);
    }

    private Task<PartRecord> RunAsync(string commit, Action<ProofRound> round, int? seed = null, string part = "part") =>
        new ProofPart(new(_folder, commit, TimeSpan.Zero, seed), part, "trials", "trials").RunAsync(each =>
        {
            round(each);
            return Task.CompletedTask;
        });
}
