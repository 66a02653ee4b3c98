using System.Globalization;
using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>What events could not tell is fetched, merged and closed by the worker itself, and ends equal to the org.</summary>
public sealed class RepairTests
{
    private static readonly SimulatorSettings Lively = new() { Keepalive = TimeSpan.FromMilliseconds(300) };

    [PostgresFact]
    public async Task Gaps_of_every_kind_end_in_a_copy_without_differences_and_without_open_repairs()
    {
        await using var copied = await CopiedOrg.CreateAsync(Lively);
        var org = copied.Simulated.Org;
        string[] accounts = [.. Enumerable.Range(0, 12).Select(i => Account(org, $"a{i}"))];
        org.Commit(draft => draft.Delete("Account", accounts[7], accounts[8]));
        copied.Start();
        await copied.CaughtUpAsync();
        org.Commit(draft => draft.GapUpdate("Account", [accounts[0], accounts[1]], Site("gap"), foreignKey: false));
        org.Commit(draft => draft.GapDelete("Account", accounts[2], foreignKey: true));
        org.Commit(draft => draft.GapUndelete("Account", accounts[7], foreignKey: false));
        org.Commit(draft => draft.GapCreate("Account", 3, Named("born in a gap"), foreignKey: false));
        // A gap of a record that is deleted later, one that is undeleted later, one in the middle of a transaction, and one of a record that is gone for good.
        org.Commit(draft => draft.GapUpdate("Account", accounts[3], Site("gap"), foreignKey: false));
        org.Commit(draft => draft.Delete("Account", accounts[3]));
        org.Commit(draft => draft.GapUpdate("Account", accounts[4], Site("gap"), foreignKey: true).Delete("Account", accounts[5]));
        org.Commit(draft => draft.Update("Account", accounts[6], Site("before")).GapUpdate("Account", accounts[9], Site("inside"), foreignKey: true).Update("Account", accounts[10], Site("after")));
        org.Commit(draft => draft.GapDelete("Account", accounts[11], foreignKey: false));
        org.Commit(draft => draft.Purge("Account", accounts[11], accounts[8]));

        await ShouldBeRepairedAsync(copied);

        copied.Simulated.Counts.Rest.ShouldBeLessThan(20);
        (await copied.ScalarAsync<string>($"select _sync_source from acme.account where id = '{accounts[0]}'")).ShouldBe("repair");
    }

    [PostgresFact]
    public async Task Rows_never_seen_are_completed_and_numbers_come_exact()
    {
        await using var copied = await CopiedOrg.CreateAsync(Lively, options => options with { StartFrom = StartFrom.Latest });
        var org = copied.Simulated.Org;
        var account = Account(org, "old");
        org.Commit(draft => draft.Update("Account", account, new Dictionary<string, object?> { ["Description"] = "long ago", ["Site"] = "Berlin" }));
        var deleted = Account(org, "deleted before");
        org.Commit(draft => draft.Delete("Account", deleted));
        copied.Start();
        await copied.UntilAsync("select heard_at is not null from salesforce_sync.cursor where stage = 'received'");
        org.Commit(draft => draft.Update("Account", account, new Dictionary<string, object?> { ["AnnualRevenue"] = 0.1 + 0.2 }));

        await copied.UntilAsync($"select not _sync_incomplete and site = 'Berlin' from acme.account where id = '{account}'");
        await NoOpenRepairsAsync(copied);

        (await copied.ScalarAsync<string>($"select annualrevenue::text from acme.account where id = '{account}'")).ShouldBe((0.1 + 0.2).ToString("R", CultureInfo.InvariantCulture));
    }

    [PostgresFact]
    public async Task Overflows_and_wildcards_are_answered_by_reading_the_object()
    {
        await using var copied = await CopiedOrg.CreateAsync(Lively);
        var org = copied.Simulated.Org;
        string[] accounts = [.. Enumerable.Range(0, 30).Select(i => Account(org, $"a{i}"))];
        copied.Start();
        await copied.CaughtUpAsync();
        org.Commit(draft =>
        {
            draft.OverflowAfter(3);
            foreach (var account in accounts.Take(20)) draft.Update("Account", account, Site("overflowing"));
            draft.Delete("Account", accounts[20], accounts[21]);
        });
        org.Commit(draft => draft.Unpublished().Update("Account", accounts[..20], Site("wiped")).Published().Wildcard("Account"));

        await ShouldBeRepairedAsync(copied);
    }

    [PostgresFact]
    public async Task Differences_of_long_texts_are_applied_and_those_that_fit_to_nothing_fetched()
    {
        await using var copied = await CopiedOrg.CreateAsync(Lively with { Org = new() { TextDifferences = true } });
        var org = copied.Simulated.Org;
        var accounts = Enumerable.Range(0, 4).Select(i => Account(org, $"a{i}")).ToList();
        foreach (var account in accounts) Describe(account, Text(40, 0));
        copied.Start();
        await copied.CaughtUpAsync();
        for (var round = 1; round <= 5; round++)
        {
            foreach (var account in accounts) Describe(account, Text(40, round));
        }
        // The stream never tells of a text in between.
        org.Commit(draft => draft.Unpublished().Update("Account", accounts[0], Description(Text(40, 7))));
        Describe(accounts[0], Text(40, 8));

        await ShouldBeRepairedAsync(copied);

        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.repair where reason = 'text_diff'")).ShouldBe(1);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.pending_diff")).ShouldBe(0);

        void Describe(string id, string text) => org.Commit(draft => draft.Update("Account", id, Description(text)));
    }

    [PostgresFact]
    public async Task Children_that_a_merge_moved_without_an_event_are_found_without_a_call()
    {
        await using var copied = await CopiedOrg.CreateAsync(Lively);
        var org = copied.Simulated.Org;
        var (winner, loser) = (Account(org, "winner"), Account(org, "loser"));
        string[] contacts = [.. Enumerable.Range(0, 3).Select(i => Contact(org, $"c{i}", loser))];
        copied.Start();
        await copied.CaughtUpAsync();
        org.Commit(draft => draft.Merge("Account", winner, [loser], Site("merged"), tellChildren: false));
        await copied.CaughtUpAsync();
        // What is young is left alone; here it is made old.
        await copied.UntilAsync("select count(*) = 1 from salesforce_sync.deletion");
        await copied.ScalarAsync<object>("update salesforce_sync.deletion set at = at - interval '2 minutes'");

        await copied.StopAsync();
        copied.Start();
        await copied.UntilAsync("select count(*) = 3 from salesforce_sync.repair where reason = 'reparented'");
        await ShouldBeRepairedAsync(copied);
        (await copied.ScalarAsync<long>($"select count(*) from acme.contact where accountid = '{winner}'")).ShouldBe(contacts.Length);
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_refused_budget_and_a_faulty_server_only_put_the_repair_off()
    {
        await using var copied = await CopiedOrg.CreateAsync(Lively);
        var org = copied.Simulated.Org;
        var account = Account(org, "a");
        copied.Start();
        await copied.CaughtUpAsync();
        copied.Simulated.Faults.Arm(FaultKind.RestUnavailable, new() { Times = 2 });
        org.Commit(draft => draft.GapUpdate("Account", account, Site("gap"), foreignKey: false));

        await ShouldBeRepairedAsync(copied);

        copied.Simulated.Counts.Rest.ShouldBeLessThan(12);
    }

    [PostgresFact]
    public async Task An_object_the_user_may_not_read_any_more_is_frozen_and_nothing_of_it_deleted()
    {
        await using var copied = await CopiedOrg.CreateAsync(Lively);
        var org = copied.Simulated.Org;
        string[] accounts = [.. Enumerable.Range(0, 30).Select(i => Account(org, $"a{i}"))];
        copied.Start();
        await copied.CaughtUpAsync();
        org.Access.Allow("Account", false);
        // The event is from before, and comes after.
        await copied.ScalarAsync<object>($"insert into salesforce_sync.repair (org, object, record_id, reason) values ('acme', 'Account', '{accounts[0]}', 'gap_update')");

        await copied.UntilAsync("select state = 'frozen' and state_reason is not null from salesforce_sync.object where object = 'Account'");

        (await copied.ScalarAsync<long>("select count(*) from acme.account where _sync_deleted")).ShouldBe(0);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.coverage where object = 'Account' and state = 'gap' and to_event is null")).ShouldBe(1);
        (await copied.ScalarAsync<string>("select state from salesforce_sync.repair")).ShouldBe("open");
    }

    internal static async Task ShouldBeRepairedAsync(CopiedOrg copied)
    {
        await copied.CaughtUpAsync();
        await NoOpenRepairsAsync(copied);
        await copied.UntilAsync("select not exists (select from salesforce_sync.coverage where state = 'gap' and to_event is null)");
        await copied.UntilAsync("select not exists (select from salesforce_sync.read where kind in ('snapshot', 'repair') and state in ('waiting', 'reading', 'merging'))");
        await NoOpenRepairsAsync(copied);
        await copied.ShouldEqualTruthAsync(new ComparisonRules { Repaired = true });
    }

    private static Task NoOpenRepairsAsync(CopiedOrg copied) => copied.UntilAsync("select not exists (select from salesforce_sync.repair where state = 'open')");

    private static string Account(SimulatedOrg org, string name)
    {
        var id = "";
        org.Commit(draft => id = draft.Create("Account", Named(name)));
        return id;
    }

    private static string Contact(SimulatedOrg org, string name, string account)
    {
        var id = "";
        org.Commit(draft => id = draft.Create("Contact", new Dictionary<string, object?> { ["LastName"] = name, ["AccountId"] = account }));
        return id;
    }

    private static Dictionary<string, object?> Named(string name) => new() { ["Name"] = name };

    private static Dictionary<string, object?> Site(string site) => new() { ["Site"] = site };

    private static Dictionary<string, object?> Description(string text) => new() { ["Description"] = text };

    private static string Text(int lines, int version) =>
        string.Join("\r\n", Enumerable.Range(0, lines).Select(i => i == 5 + version ? $"version {version}" : $"line {i} of a text that is long enough to be sent as a difference"));
}
