using Npgsql;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>What comes after the rest of its transaction was applied: written where nothing later has touched the record, else queued, and always counted.</summary>
public sealed class StragglerTests
{
    [PostgresFact]
    public async Task A_late_change_of_an_untouched_record_is_written_and_the_transaction_counted_as_torn()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        var (one, two) = await TwoAccountsAsync(copy);
        var prepared = copy.Org.Prepare([copy.Org.Begin().Update("Account", one, Site("late")).Update("Account", two, Site("late"))]);
        copy.Org.Bus.Append([prepared.Entries[0]]);
        await copy.Copied.CaughtUpAsync();
        copy.Org.Bus.Append([prepared.Entries[1]]);
        await ShouldBeTornAsync(copy, 1);
    }

    [PostgresFact]
    public async Task A_late_change_never_goes_over_a_later_one()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        var (one, two) = await TwoAccountsAsync(copy);
        var prepared = copy.Org.Prepare([copy.Org.Begin().Update("Account", one, Site("old")).Update("Account", two, Site("old"))]);
        copy.Org.Bus.Append([prepared.Entries[0]]);
        await copy.Copied.CaughtUpAsync();
        copy.Org.Commit(draft => draft.Update("Account", two, Site("new")));
        await copy.Copied.CaughtUpAsync();
        copy.Org.Bus.Append([prepared.Entries[1]]);
        await copy.Copied.CaughtUpAsync();
        (await copy.Copied.ScalarAsync<string>($"select site from acme.account where id = '{two}'")).ShouldBe("new");
        (await copy.Copied.ScalarAsync<string>($"select reason from salesforce_sync.repair where record_id = '{two}' and state = 'open'")).ShouldBe("late");
        (await copy.Copied.ScalarAsync<long>("select torn from salesforce_sync.org")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task Keys_that_alternate_tear_once_at_most_and_never_after_a_restart()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        var (one, two) = await TwoAccountsAsync(copy);
        await AlternateAsync(copy, one, two, "first", waitBetween: true);
        await copy.Copied.CaughtUpAsync();
        (await copy.Copied.ScalarAsync<bool>("select interleaved from salesforce_sync.cursor where stage = 'applied'")).ShouldBeTrue();
        var torn = await copy.Copied.ScalarAsync<long>("select torn from salesforce_sync.org");
        torn.ShouldBeInRange(1, 2);
        (await copy.Copied.StopAsync()).ShouldBe(0);
        copy.Copied.Start();
        await copy.Copied.UntilAsync("select state = 'streaming' from salesforce_sync.org");
        await AlternateAsync(copy, one, two, "second", waitBetween: false);
        await ShouldBeTornAsync(copy, torn);
    }

    [PostgresFact]
    public async Task A_backlog_that_is_read_in_pages_tears_no_transaction_after_a_restart()
    {
        const int Transactions = 400;
        const int EventsOfEach = 7;
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        await TwoAccountsAsync(copy);
        await copy.Copied.CaughtUpAsync();
        await using (var connection = await copy.Copied.Source.OpenConnectionAsync())
        {
            await using var held = await connection.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("select 1 from salesforce_sync.cursor where stage = 'applied' for update", connection))
                await hold.ExecuteNonQueryAsync();
            for (var i = 0; i < Transactions; i++)
            {
                copy.Org.Commit(draft =>
                {
                    for (var e = 0; e < EventsOfEach; e++)
                        draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"{e}" });
                });
            }
            await copy.Copied.UntilAsync($"select event >= {Transactions * EventsOfEach} from salesforce_sync.cursor where stage = 'received'");
            (await copy.Copied.StopAsync()).ShouldBe(0);
        }
        // As an empty response, or a lost position, leaves it.
        await using (var closed = copy.Copied.Source.CreateCommand("update salesforce_sync.cursor set closed_event = event where stage = 'received'"))
            (await closed.ExecuteNonQueryAsync()).ShouldBe(1);
        copy.Copied.Start();
        await ShouldBeTornAsync(copy, 0);
    }

    /// <summary>Everything is there, once and in order; only the commits of some transactions were two.</summary>
    private static async Task ShouldBeTornAsync(ProvenCopy copy, long torn)
    {
        await copy.Copied.CaughtUpAsync();
        await copy.Copied.ShouldEqualTruthAsync();
        await copy.ShouldHaveNothingTwiceAsync();
        (await copy.Copied.ScalarAsync<long>("select torn from salesforce_sync.org")).ShouldBe(torn);
    }

    /// <summary>Two transactions whose events alternate; waiting between them lets the first events be applied alone.</summary>
    private static async Task AlternateAsync(ProvenCopy copy, string one, string two, string value, bool waitBetween)
    {
        var a = copy.Org.Prepare([copy.Org.Begin().Update("Account", one, Site(value)).Update("Account", one, Phone(value))]);
        var b = copy.Org.Prepare([copy.Org.Begin().Update("Account", two, Site(value)).Update("Account", two, Phone(value))]);
        foreach (var (first, second) in a.Entries.Zip(b.Entries))
        {
            copy.Org.Bus.Append([first, second]);
            if (waitBetween)
                await copy.Copied.CaughtUpAsync();
        }
    }

    private static async Task<(string One, string Two)> TwoAccountsAsync(ProvenCopy copy)
    {
        var (one, two) = ("", "");
        copy.Org.Commit(draft =>
        {
            one = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "one" });
            two = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "two" });
        });
        await copy.ShouldBeExactAsync();
        return (one, two);
    }

    private static Dictionary<string, object?> Site(string value) => new() { ["Site"] = value };

    private static Dictionary<string, object?> Phone(string value) => new() { ["Phone"] = value };
}
