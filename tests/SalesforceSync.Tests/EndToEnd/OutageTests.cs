using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>Outages a little shorter and a little longer than Salesforce keeps events, with every kind of change inside.</summary>
public sealed class OutageTests
{
    private static readonly SimulatorSettings Lively = new() { Keepalive = TimeSpan.FromMilliseconds(300) };

    [PostgresFact]
    public Task After_71_hours_the_stream_is_resumed_and_nothing_is_in_doubt() => ResumeAsync(TimeSpan.FromHours(71));

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public Task Ten_seconds_before_the_end_of_what_is_kept_the_stream_is_resumed() => ResumeAsync(TimeSpan.FromHours(72) - TimeSpan.FromSeconds(12));

    [PostgresFact]
    public Task After_73_hours_the_gap_is_closed_by_readings_of_everything() => RepairAsync(TimeSpan.FromHours(73));

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public Task Right_after_the_end_of_what_is_kept_the_gap_is_closed_by_readings_of_everything() => RepairAsync(TimeSpan.FromHours(72));

    private static async Task ResumeAsync(TimeSpan outage)
    {
        await using var copied = await CopiedOrg.CreateAsync(Lively);
        await LiveThroughAsync(copied, outage, purges: false);

        await RepairTests.ShouldBeRepairedAsync(copied);

        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.coverage where state in ('gap', 'repaired')")).ShouldBe(0);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.read where kind = 'snapshot'")).ShouldBe(0);
    }

    private static async Task RepairAsync(TimeSpan outage)
    {
        await using var copied = await CopiedOrg.CreateAsync(Lively);
        await LiveThroughAsync(copied, outage, purges: true);

        await copied.UntilAsync("select count(*) = 1 from salesforce_sync.coverage where evidence ? 'policy'");
        await RepairTests.ShouldBeRepairedAsync(copied);

        (await copied.ScalarAsync<string>("select state || ' ' || jsonb_array_length(evidence -> 'reads') from salesforce_sync.coverage where evidence ? 'policy'")).ShouldBe("repaired 5");
    }

    /// <summary>The worker is away, two seconds longer than this, and what happens in the first hours, in the middle and at the end is everything that can.</summary>
    private static async Task LiveThroughAsync(CopiedOrg copied, TimeSpan outage, bool purges)
    {
        var org = copied.Simulated.Org;
        var accounts = Enumerable.Range(0, 40).Select(i => Create(org, $"a{i}")).ToList();
        org.Commit(draft => draft.Delete("Account", accounts[30], accounts[31], accounts[32], accounts[33]));
        foreach (var other in new[] { "Contact", "Lead" })
            org.Commit(draft => draft.Create(other, new Dictionary<string, object?> { ["LastName"] = "one", ["Company"] = "c" }.Where(v => other == "Lead" || v.Key != "Company").ToDictionary()));
        copied.Start();
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select coalesce(replay_id, idle_replay_id) is not null and event = closed_event from salesforce_sync.cursor where stage = 'received'");
        await copied.StopAsync();
        for (var part = 0; part < 3; part++)
        {
            org.Advance(TimeSpan.FromMinutes(10));
            var at = part * 10;
            org.Commit(draft => draft.Update("Account", accounts[at], Site($"part {part}")));
            org.Commit(draft => draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"new in part {part}" }));
            org.Commit(draft => draft.Delete("Account", accounts[at + 1]));
            org.Commit(draft => draft.Delete("Account", accounts[at + 2]).Update("Account", accounts[at + 3], Site("with it")));
            org.Commit(draft => draft.Undelete("Account", accounts[at + 2]));
            org.Commit(draft => draft.Undelete("Account", accounts[30 + part]));
            org.Commit(draft => draft.BegunEarlier(TimeSpan.FromMinutes(20)).Update("Account", accounts[at + 4], Site("late stamp")));
            org.Commit(draft => draft.GapUpdate("Account", accounts[at + 5], Site("gap"), foreignKey: true));
            org.Commit(draft => draft.Update("Account", accounts[at + 6], Site("then gone")));
            if (purges) org.Commit(draft => draft.Purge("Account", accounts[at + 6], accounts[at + 7], accounts[at + 1]));
            if (part < 2) org.Advance(((outage - TimeSpan.FromMinutes(30)) / 2) + TimeSpan.FromSeconds(1));
        }
        copied.Start();
    }

    private static string Create(SimulatedOrg org, string name)
    {
        var id = "";
        org.Commit(draft => id = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = name }));
        return id;
    }

    private static Dictionary<string, object?> Site(string site) => new() { ["Site"] = site };
}
