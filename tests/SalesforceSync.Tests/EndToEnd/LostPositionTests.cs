using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>A position that cannot be resumed from: what is in doubt is written down before anything goes on, and what comes again is known for it.</summary>
public sealed class LostPositionTests
{
    private const string Void = "void";
    private const string Expire = "expire";

    private const string FlipBytes = "update salesforce_sync.cursor set replay_id = set_byte(replay_id, 0, 255) where stage = 'received'";
    private const string DeleteRow = "delete from salesforce_sync.cursor where stage = 'received'";

    [PostgresTheory]
    [InlineData(Void)]
    public Task A_position_that_is_lost_while_nobody_runs_becomes_a_dated_gap_and_nothing_comes_twice(string how) => LoseWhileNobodyRunsAsync(how);

    [PostgresTheory]
    [Trait(Extent.Trait, Extent.Whole)]
    [InlineData(Expire)]
    [InlineData(FlipBytes)]
    [InlineData(DeleteRow)]
    public Task A_position_that_is_lost_in_another_way_while_nobody_runs_becomes_a_dated_gap_too(string how) => LoseWhileNobodyRunsAsync(how);

    private static async Task LoseWhileNobodyRunsAsync(string how)
    {
        await using var copy = await ProvenCopy.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromSeconds(1) });
        copy.Copied.Start();
        // More than what is remembered by replay id alone.
        copy.Commit(1_200);
        await copy.ShouldBeExactAsync();
        copy.Org.Bus.EventCount.ShouldBeGreaterThan(2_500);
        await copy.Copied.StopAsync();
        await LoseAsync(copy, how);
        copy.Commit(100);
        copy.Copied.Start();
        await copy.Copied.UntilAsync("select count(*) = 1 from salesforce_sync.coverage where state in ('gap', 'repaired')");
        await ShouldHaveOneGapAsync(copy, "Repair");
        await copy.Copied.UntilAsync("select not lost from salesforce_sync.cursor where stage = 'received'");
        await copy.UntilReadyAsync(true);
        await RepairTests.ShouldBeRepairedAsync(copy.Copied);
        await copy.ShouldBeExactAsync(repaired: true);
        // An ordinary stream again, with gaps of its own.
        copy.Commit(100);
        await RepairTests.ShouldBeRepairedAsync(copy.Copied);
        await copy.ShouldBeExactAsync(repaired: true);
    }

    [PostgresTheory]
    [InlineData(Void)]
    [InlineData(DeleteRow)]
    public async Task A_position_that_is_lost_under_a_running_worker_becomes_a_gap_too(string how)
    {
        await using var copy = await ProvenCopy.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300) });
        copy.Copied.Start();
        copy.Commit(300);
        await copy.ShouldBeExactAsync();
        await LoseAsync(copy, how);
        if (how == Void) copy.Copied.Simulated.Faults.Arm(FaultKind.CleanEnd);
        copy.Commit(100);
        await copy.Copied.UntilAsync("select count(*) = 1 from salesforce_sync.coverage where state in ('gap', 'repaired')");
        await RepairTests.ShouldBeRepairedAsync(copy.Copied);
        await copy.ShouldBeExactAsync(repaired: true);
        (await copy.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.coverage where state in ('gap', 'repaired')")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task What_was_forgotten_before_there_was_a_position_to_resume_from_is_a_gap_too()
    {
        await using var copy = await ProvenCopy.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromSeconds(3) });
        copy.Org.Commit(draft => draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "Alone" }));
        copy.Copied.Start();
        await copy.Copied.UntilAsync("select event > 0 from salesforce_sync.cursor where stage = 'received'");
        await copy.Copied.StopAsync();
        (await copy.Copied.ScalarAsync<bool>("select replay_id is null and idle_replay_id is null from salesforce_sync.cursor where stage = 'received'")).ShouldBeTrue();
        copy.Commit(20);
        copy.Org.Bus.ExpireAll();
        copy.Commit(20);
        copy.Copied.Start();
        await copy.Copied.UntilAsync("select count(*) = 1 from salesforce_sync.coverage where state in ('gap', 'repaired') and evidence ->> 'reason' like '%forgotten%'");
        await RepairTests.ShouldBeRepairedAsync(copy.Copied);
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task The_only_id_there_is_can_be_lost_too_and_stops_nothing()
    {
        await using var copy = await ProvenCopy.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromSeconds(12) }, options => options with { StartFrom = StartFrom.Latest });
        copy.Copied.Start();
        // LATEST begins at a moment that nobody is told of: what is committed before it is not heard, and asked for once more.
        for (var times = 0; !await copy.Copied.ScalarAsync<bool>("select coalesce((select event > 0 from salesforce_sync.cursor where stage = 'received'), false)"); times++)
        {
            times.ShouldBeLessThan(5);
            if (copy.Copied.Simulated.Counts.Open == 1)
                copy.Org.Commit(draft => draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "Alone" }));
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, CancellationToken.None);
        }
        await copy.Copied.StopAsync();
        (await copy.Copied.ScalarAsync<bool>("select replay_id is null and idle_replay_id is null from salesforce_sync.cursor where stage = 'received'")).ShouldBeTrue();
        copy.Copied.Simulated.Faults.Arm(FaultKind.RefuseSubscribe, new FaultOrder { ErrorCode = "subscription.fetch.replayid.validation.failed" });
        copy.Copied.Start();
        await copy.Copied.UntilAsync("select count(*) = 1 from salesforce_sync.coverage where state in ('gap', 'repaired') and evidence ->> 'reason' like '%validation.failed'");
        await RepairTests.ShouldBeRepairedAsync(copy.Copied);
    }

    [PostgresFact]
    public async Task Stop_stops_the_channel_loudly_and_moves_nothing()
    {
        await using var copy = await ProvenCopy.CreateAsync(change: options => options with { OnLostReplayId = LostReplayIdPolicy.Stop });
        copy.Copied.Start();
        copy.Commit(100);
        await copy.ShouldBeExactAsync();
        await copy.Copied.StopAsync();
        var position = await copy.Copied.ScalarAsync<string>("select encode(replay_id, 'hex') from salesforce_sync.cursor where stage = 'received'");
        await LoseAsync(copy, Void);
        copy.Copied.Start();
        await copy.Copied.UntilAsync("select state = 'failed' from salesforce_sync.org");
        await copy.UntilReadyAsync(false);
        (await copy.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.coverage where state = 'gap'")).ShouldBe(0);
        (await copy.Copied.ScalarAsync<string>("select encode(replay_id, 'hex') from salesforce_sync.cursor where stage = 'received'")).ShouldBe(position);
        // A person decides otherwise.
        await copy.Copied.StopAsync();
        copy.Copied.Options = copy.Copied.Options with { OnLostReplayId = LostReplayIdPolicy.Earliest };
        copy.Copied.Start();
        copy.Commit(50);
        await copy.ShouldBeExactAsync(repaired: true);
        await ShouldHaveOneGapAsync(copy, "Earliest");
    }

    [PostgresFact]
    public async Task Latest_goes_on_with_what_happens_next_and_never_puts_the_skipped_over_the_new()
    {
        await using var copy = await ProvenCopy.CreateAsync(change: options => options with { OnLostReplayId = LostReplayIdPolicy.Latest });
        copy.Copied.Start();
        var account = "";
        copy.Org.Commit(draft => account = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "one", ["Site"] = "before" }));
        copy.Commit(20);
        await copy.ShouldBeExactAsync();
        await copy.Copied.StopAsync();
        await LoseAsync(copy, Void);
        Change("skipped");
        copy.Copied.Start();
        await copy.Copied.UntilAsync("select count(*) = 1 from salesforce_sync.coverage where state in ('gap', 'repaired')");
        await CommitUntilSeenAsync("after");
        // One event since: there is no id yet that another one has followed.
        var ended = copy.Copied.Simulated.Counts.Subscribes;
        copy.Copied.Simulated.Faults.Arm(FaultKind.CleanEnd, new() { Times = 3 });
        Change("while away");
        await copy.Copied.CaughtUpAsync();
        copy.Copied.Simulated.Counts.Subscribes.ShouldBe(ended + 3);
        (await SiteAsync()).ShouldBe("while away");
        await copy.ShouldHaveNothingTwiceAsync();
        await ShouldHaveOneGapAsync(copy, "Latest");

        void Change(string site) => copy.Org.Commit(draft => draft.Update("Account", account, new Dictionary<string, object?> { ["Site"] = site }));

        async Task<string?> SiteAsync() => await copy.Copied.ScalarAsync<string>($"select site from acme.account where id = '{account}'");

        // Nobody can see when the server has put the new stream at its end: what was committed before is skipped, too.
        async Task CommitUntilSeenAsync(string site)
        {
            var seen = await SiteAsync();
            for (var look = 0; seen != site; look++, seen = await SiteAsync())
            {
                seen.ShouldBeOneOf("before", "skipped");
                look.ShouldBeLessThan(600, copy.Copied.Log.ToString());
                if (look % 100 == 0) Change(site);
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    [PostgresFact]
    public async Task Gap_and_overflow_events_become_repairs_and_an_overflow_a_gap_of_its_object()
    {
        await using var copy = await ProvenCopy.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300) }, gaps: false);
        copy.Copied.Start();
        copy.Commit(50);
        var account = "";
        copy.Org.Commit(draft => account = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "one" }));
        copy.Org.Commit(draft => draft.GapUpdate("Account", account, new Dictionary<string, object?> { ["Site"] = "unseen" }, foreignKey: true));
        copy.Org.Commit(draft => draft.Overflow("Lead"));
        await RepairTests.ShouldBeRepairedAsync(copy.Copied);
        (await copy.Copied.ScalarAsync<string>($"select reason from salesforce_sync.repair where object = 'Account' and record_id = '{account}'")).ShouldBe("gap_update");
        (await copy.Copied.ScalarAsync<string>("select reason from salesforce_sync.repair where object = 'Lead' and record_id is null")).ShouldBe("gap_overflow");
        (await copy.Copied.ScalarAsync<bool>("""
            select c.from_at <= a.commit_at - interval '30 minutes' and c.from_at > a.commit_at - interval '31 minutes'
            from salesforce_sync.coverage c, salesforce_sync.cursor a where c.state = 'repaired' and c.object = 'Lead' and a.stage = 'applied'
            """)).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_position_lost_again_and_again_is_one_gap_until_it_is_closed()
    {
        await using var copy = await ProvenCopy.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300) });
        copy.Copied.Start();
        copy.Commit(50);
        await copy.ShouldBeExactAsync();
        await copy.Copied.StopAsync();
        copy.Copied.Simulated.Faults.Arm(FaultKind.VoidReplayIds);
        copy.Copied.Simulated.Faults.Arm(FaultKind.RestUnavailable, new() { Times = 1_000 });
        copy.Copied.Start();
        await copy.Copied.UntilAsync("select not lost and (select count(*) = 1 from salesforce_sync.coverage where evidence ? 'policy') from salesforce_sync.cursor where stage = 'received'");
        await copy.Copied.StopAsync();
        copy.Copied.Simulated.Faults.Arm(FaultKind.VoidReplayIds);
        copy.Copied.Simulated.Faults.Clear();
        copy.Copied.Start();
        await copy.Copied.UntilAsync("select evidence ->> 'losses' = '2' from salesforce_sync.coverage where evidence ? 'policy'");
        await RepairTests.ShouldBeRepairedAsync(copy.Copied);
        (await copy.Copied.ScalarAsync<string>("select string_agg(state, ',') from salesforce_sync.coverage where evidence ? 'policy'")).ShouldBe("repaired");
    }

    [PostgresFact]
    public async Task Where_the_events_kept_cost_more_than_a_day_allows_the_stream_goes_on_with_the_next_one_and_snapshots_bring_the_rest()
    {
        await using var copy = await ProvenCopy.CreateAsync(
            new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300) }, options => options with { DeliveredEventsPerDay = 300 });
        copy.Copied.Start();
        copy.Commit(300);
        await copy.ShouldBeExactAsync();
        await copy.Copied.StopAsync();
        copy.Copied.Simulated.Faults.Arm(FaultKind.VoidReplayIds);
        copy.Commit(50);
        var delivered = copy.Copied.Simulated.Counts.Delivered;
        copy.Copied.Start();
        await copy.Copied.UntilAsync("select evidence ->> 'start' = 'latest' from salesforce_sync.coverage where evidence ? 'policy'");
        await copy.Copied.UntilAsync("select not lost from salesforce_sync.cursor where stage = 'received'");
        await copy.Copied.UntilAsync("select not exists (select from salesforce_sync.coverage where state = 'gap' and to_event is null)");
        await copy.Copied.UntilAsync("select not exists (select from salesforce_sync.repair where state = 'open')");
        copy.Copied.Simulated.Counts.Delivered.ShouldBe(delivered);
        await copy.Copied.ShouldEqualTruthAsync(new() { Repaired = true });
    }

    private static async Task LoseAsync(ProvenCopy copy, string how)
    {
        if (how == Void) copy.Copied.Simulated.Faults.Arm(FaultKind.VoidReplayIds);
        else if (how == Expire) copy.Copied.Simulated.Faults.Arm(FaultKind.ExpireReplayIds);
        else await copy.ExecuteAsync(how);
        // What the gap must begin with, half an hour before the last commit that was applied.
        await copy.ExecuteAsync("create schema if not exists watch");
        await copy.ExecuteAsync("create table watch.applied as select commit_at from salesforce_sync.cursor where stage = 'applied'");
    }

    private static async Task ShouldHaveOneGapAsync(ProvenCopy copy, string policy) =>
        (await copy.Copied.ScalarAsync<string>("""
            select string_agg(concat_ws(' ', c.evidence ->> 'policy', c.from_at = a.commit_at - interval '30 minutes', c.object is null), ', ')
            from salesforce_sync.coverage c, watch.applied a where c.state in ('gap', 'repaired')
            """)).ShouldBe($"{policy} t t", copy.Copied.Log.ToString());
}
