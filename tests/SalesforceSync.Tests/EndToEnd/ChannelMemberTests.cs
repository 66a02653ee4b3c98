using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;
using SimulatedOrgOptions = SalesforceSync.Simulator.Org.OrgOptions;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>Rule B7: what a channel keeps back is in doubt back to the last proof, is read, and stays known to be kept back.</summary>
public sealed class ChannelMemberTests
{
    private const string Sales = "/data/Sales__chn";
    private const string KnownGaps = "select coalesce(string_agg(object || ' ' || what || ': ' || reason, ', ' order by object, what), '-') from salesforce_sync.known_gaps";
    private const string Filtered = "Account kept_back: its channel has a filter: changes that do not match do not come";

    [PostgresFact]
    public async Task A_filter_that_appears_or_goes_opens_a_gap_that_a_snapshot_closes()
    {
        await using var copied = await CreateAsync();
        var (org, ids) = (copied.Simulated.Org, Accounts(copied, 3));
        copied.Start();
        await ReadAsync(copied, 2);
        (await copied.ScalarAsync<string>(KnownGaps)).ShouldBe("-");
        (await copied.ScalarAsync<bool>("select bool_and(is_member) and bool_and(filter is null) from salesforce_sync.object")).ShouldBeTrue();

        org.Filters.Set(Sales, org["Account"], "Site != 'hidden'");
        org.Commit(draft => draft.Update("Account", ids[0], Site("hidden")).Update("Account", ids[1], Site("shown")));
        await copied.UntilAsync($"select site = 'shown' from acme.account where id = '{ids[1]}'");
        (await copied.ScalarAsync<string>($"select site from acme.account where id = '{ids[0]}'")).ShouldBeNull();
        await DiscoverAsync(copied);
        await copied.UntilAsync("select count(*) = 1 from salesforce_sync.coverage where state = 'repaired' and object = 'Account' and evidence ->> 'reason' = 'the channel has a filter' and from_at is not null");
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
        (await copied.ScalarAsync<string>(KnownGaps)).ShouldBe(Filtered);

        // The same told again is no news.
        await DiscoverAsync(copied);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.coverage where evidence ->> 'reason' like '%filter%'")).ShouldBe(1);

        org.Commit(draft => draft.Update("Account", ids[2], Site("hidden")));
        org.Filters.Set(Sales, org["Account"], null);
        await DiscoverAsync(copied);
        await copied.UntilAsync("select count(*) = 1 from salesforce_sync.coverage where state = 'repaired' and evidence ->> 'reason' = 'the filter of its channel was taken away'");
        (await copied.ScalarAsync<string>(KnownGaps)).ShouldBe("-");
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
    }

    [PostgresFact]
    public async Task A_filter_that_was_there_before_is_known_from_the_beginning()
    {
        await using var copied = await CreateAsync();
        var ids = Accounts(copied, 2);
        copied.Simulated.Org.Filters.Set(Sales, copied.Simulated.Org["Account"], "Site != 'hidden'");
        copied.Simulated.Org.Commit(draft => draft.Update("Account", ids[0], Site("hidden")));
        copied.Start();
        await ReadAsync(copied, 2);
        await copied.UntilAsync("select count(*) = 1 and bool_and(state = 'repaired') from salesforce_sync.coverage where evidence ->> 'reason' like '%filter%'");
        (await copied.ScalarAsync<string>(KnownGaps)).ShouldBe(Filtered);
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
    }

    [PostgresFact]
    public async Task An_object_that_is_taken_off_its_channel_is_in_doubt_and_so_it_is_when_it_comes_back()
    {
        await using var copied = await CreateAsync();
        var (org, ids) = (copied.Simulated.Org, Accounts(copied, 2));
        copied.Start();
        await ReadAsync(copied, 2);
        org.Select("Account", selected: false, Sales);
        org.Commit(draft => draft.Update("Account", ids[0], Site("unheard")));
        await DiscoverAsync(copied);
        await copied.UntilAsync("select count(*) = 1 from salesforce_sync.coverage where state = 'repaired' and evidence ->> 'reason' = 'taken off its channel'");
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
        (await copied.ScalarAsync<string>(KnownGaps)).ShouldBe("Account kept_back: it is on no channel any more: its changes do not come");

        org.Commit(draft => draft.Update("Account", ids[1], Site("unheard")));
        org.Select("Account", selected: true, Sales);
        await DiscoverAsync(copied);
        await copied.UntilAsync("select count(*) = 1 from salesforce_sync.coverage where state = 'repaired' and evidence ->> 'reason' = 'on its channel again'");
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
        (await copied.ScalarAsync<string>(KnownGaps)).ShouldBe("-");
    }

    [PostgresFact]
    public async Task A_snapshot_of_all_reads_what_was_chosen_since_too()
    {
        await using var copied = await CreateAsync();
        Accounts(copied, 2);
        var org = copied.Simulated.Org;
        org.Commit(draft => draft.Create("Lead", new Dictionary<string, object?> { ["LastName"] = "later" }));
        copied.Start();
        await ReadAsync(copied, 2);
        org.Select("Lead", selected: true, Sales);
        var rules = copied.Simulated.Settings.SignIn;
        using var scratch = new ScratchConfiguration().Variable("ConnectionStrings__Postgres", copied.Database).Variable("Orgs__acme__LoginUrl", copied.Simulated.LoginUrl)
            .Variable("Orgs__acme__PubSubEndpoint", copied.Simulated.PubSubEndpoint).Variable("Orgs__acme__Auth__ClientId", rules.ClientId)
            .Variable("Orgs__acme__Auth__ClientSecret", rules.ClientSecret).Variable("Orgs__acme__Channels__0", Sales);
        var all = await CommandRun.OfAsync(scratch, "snapshot", "--all");
        (all.ExitCode, all.Error).ShouldBe((0, "chosen since: Lead\nbeing read already, and not asked for again: Lead\n"), all.Out + copied.Log);
        (await copied.ScalarAsync<string>("select lastname from acme.lead")).ShouldBe("later");
        await ReadAsync(copied, 3);
    }

    private static Task<CopiedOrg> CreateAsync() => CopiedOrg.CreateAsync(
        new SimulatorSettings
        {
            Keepalive = TimeSpan.FromMilliseconds(300),
            Org = new SimulatedOrgOptions { Channels = new Dictionary<string, IReadOnlyList<string>> { ["Sales"] = ["Account", "Contact"] } },
        },
        options => options with { StartFrom = StartFrom.Snapshot, Channels = [Sales] });

    private static List<string> Accounts(CopiedOrg copied, int count)
    {
        var ids = new List<string>();
        copied.Simulated.Org.Commit(draft => ids.AddRange(Enumerable.Range(0, count).Select(i => draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"{i}" }))));
        return ids;
    }

    private static Dictionary<string, object?> Site(string site) => new() { ["Site"] = site };

    private static async Task ReadAsync(CopiedOrg copied, int objects)
    {
        await copied.UntilAsync($"select count(*) = {objects} and bool_and(snapshot_at is not null) from salesforce_sync.object");
        await copied.UntilAsync("select count(*) = 0 from salesforce_sync.read where state in ('waiting', 'reading', 'merging')");
    }

    private static async Task DiscoverAsync(CopiedOrg copied)
    {
        await copied.ScalarAsync<object>("update salesforce_sync.org set discover_at = clock_timestamp()");
        await copied.UntilAsync("select discover_at is null from salesforce_sync.org");
    }
}
