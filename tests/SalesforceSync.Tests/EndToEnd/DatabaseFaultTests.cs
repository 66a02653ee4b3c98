using Dapper;
using SalesforceSync.Database;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>A database that goes away under load: the worker finds back by itself, and nothing is lost or doubled.</summary>
public sealed class DatabaseFaultTests
{
    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public Task Sessions_that_are_ended_under_load_are_opened_again() => DatabaseFaultRun.LiveAsync(DatabaseFault.SessionsEnded, seed: 61, times: 5, transactions: 2_000);

    [PostgresFact]
    public async Task A_server_that_is_shot_and_started_again_has_lost_nothing()
    {
        await using var postgres = await LocalPostgres.StartAsync(new(), TimeProvider.System, CancellationToken.None);
        await DatabaseFaultRun.LiveAsync(DatabaseFault.ServerKilled, seed: 63, times: 1, transactions: 300, postgres);
    }

    /// <summary>Somebody locks the tables of the copy in the other order, and Postgres ends the worker's transaction for it.</summary>
    [PostgresFact]
    public async Task A_deadlock_with_somebody_elses_transaction_is_begun_anew()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        var (account, contact) = ("", "");
        copy.Org.Commit(draft =>
        {
            account = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "locked" });
            contact = draft.Create("Contact", new Dictionary<string, object?> { ["LastName"] = "locked" });
        });
        await copy.Copied.CaughtUpAsync();
        await using (var other = await copy.Copied.Source.OpenConnectionAsync())
        {
            // Whose turn it is to look for a deadlock first is the one that ends: the worker.
            await other.ExecuteAsync("set deadlock_timeout = '1min'");
            await using var holding = await other.BeginTransactionAsync();
            await other.ExecuteAsync("select from acme.contact for update");
            copy.Org.Commit(draft => draft.Update("Account", account, new Dictionary<string, object?> { ["Phone"] = "1" }).Update("Contact", contact, new Dictionary<string, object?> { ["Department"] = "d" }));
            await copy.Copied.UntilAsync("select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')");
            await other.ExecuteAsync("select from acme.account for update");
        }
        await copy.ShouldBeExactAsync();
        copy.Copied.Log.Lines.Where(line => line.Id == 8103 && line.Text.Contains("40P01", StringComparison.Ordinal)).ShouldHaveSingleItem();
    }
}
