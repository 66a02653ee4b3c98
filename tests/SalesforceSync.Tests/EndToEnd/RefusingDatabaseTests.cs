using Microsoft.Extensions.Logging;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>
/// A database that is there and refuses, until a person does something: the worker says what, is not ready, asks again with growing pauses, and goes on by itself
/// when the cause is gone. Nothing is lost or doubled.
/// </summary>
public sealed class RefusingDatabaseTests(RefusingDatabase database) : IClassFixture<RefusingDatabase>
{
    private const int Refuses = 8108;

    private const string EndSessions = $"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{RefusingDatabase.Worker}'";

    [PostgresFact]
    public Task A_read_only_database_is_told_and_waited_out() => RefusedAsync(
        ["alter system set default_transaction_read_only = on", "select pg_reload_conf()"],
        ["alter system reset default_transaction_read_only", "select pg_reload_conf()"],
        "25006", "takes no writes");

    [PostgresTheory]
    [InlineData("insert, update", "acme.account")]
    [InlineData("update", "salesforce_sync.cursor")]
    [InlineData("insert", "salesforce_sync.event")]
    public Task A_right_that_is_revoked_is_named_and_waited_for(string rights, string table) => RefusedAsync(
        [$"revoke {rights} on {table} from {RefusingDatabase.Worker}"], [$"grant {rights} on {table} to {RefusingDatabase.Worker}"],
        "42501", $"missing: {rights} on {table}): grant the right back");

    [PostgresFact]
    public Task A_password_that_changes_is_told_and_waited_for() => RefusedAsync(
        [$"alter role {RefusingDatabase.Worker} password 'second'", EndSessions], [$"alter role {RefusingDatabase.Worker} password 'first'"],
        "28P01", "give the role its password back");

    [PostgresFact]
    public Task No_more_connections_are_told_and_waited_for() => RefusedAsync(
        [$"alter role {RefusingDatabase.Worker} connection limit 0", EndSessions], [$"alter role {RefusingDatabase.Worker} connection limit -1"],
        "53300", "raise max_connections");

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task What_is_dropped_or_renamed_under_load_is_made_again_and_read_whole()
    {
        await using var copy = await database.CreateCopyAsync("dropped");
        await RefusingDatabase.StrikeAsync(copy, "drop table acme.account", "alter table acme.contact rename to contact_before", "alter table acme.lead drop column lastname");
        await copy.Copied.UntilAsync("select count(distinct object) = 3 from salesforce_sync.coverage where evidence->>'reason' = 'dropped'");
        await copy.Copied.UntilAsync("select not exists (select from salesforce_sync.known_gaps) and not exists (select from salesforce_sync.read where state in ('waiting', 'reading', 'merging'))");
        await copy.ShouldBeExactAsync(repaired: true);
        copy.Copied.Log.Lines.Count(line => line is { Id: 5109, Level: LogLevel.Warning }).ShouldBe(2);
        copy.Copied.Log.Lines.Single(line => line.Id == 5110).Text.ShouldContain("(lastname)");
    }

    private async Task RefusedAsync(string[] strike, string[] lift, string sqlState, string says)
    {
        var copy = database.Copy;
        var before = Refusals(copy, sqlState).Count;
        await RefusingDatabase.StrikeAsync(copy, strike);
        try
        {
            await copy.Copied.UntilAsync("select true", () => Refusals(copy, sqlState).Count >= before + 3);
            var (_, _, level, text) = Refusals(copy, sqlState)[before];
            (level, text.Contains(says, StringComparison.Ordinal)).ShouldBe((LogLevel.Error, true), text);
            await copy.Copied.UntilAsync("select true", () => copy.Copied.Health.Ready() is { IsOk: false } health && health.Reasons.Any(reason => reason.Contains(says, StringComparison.Ordinal)));
        }
        finally
        {
            await RefusingDatabase.ExecuteAsync(copy.Copied.Source, lift);
        }
        // Three within a second or so, and not thousands.
        Refusals(copy, sqlState).Count.ShouldBeLessThan(before + 10);
        await copy.ShouldBeExactAsync();
        await copy.UntilReadyAsync(true);
        (await copy.Copied.StopAsync()).ShouldBe(0);
    }

    private static List<(int Place, int Id, LogLevel Level, string Text)> Refusals(ProvenCopy copy, string sqlState) =>
        [.. copy.Copied.Log.Lines.Where(line => line.Id == Refuses && line.Text.Contains($"({sqlState} ", StringComparison.Ordinal)).Select((line, place) => (place, line.Id, line.Level, line.Text))];
}
