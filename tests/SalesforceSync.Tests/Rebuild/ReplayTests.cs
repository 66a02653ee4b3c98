using Dapper;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Rebuild;

/// <summary><c>replay</c>: the records stored events told of since, and no others.</summary>
public sealed class ReplayTests
{
    [PostgresFact]
    public async Task Only_the_records_told_of_since_are_mended_beside_the_running_worker_from_a_number_a_replay_id_or_a_time()
    {
        await using var copied = await CopiedOrg.CreateAsync();
        var (before, since, removed, contact) = (Create(copied, "Account"), Create(copied, "Account"), Create(copied, "Account"), Create(copied, "Contact"));
        copied.Start();
        await copied.CaughtUpAsync();
        await KeptAsync(copied, 2);
        Update(copied, since, "Account");
        Update(copied, removed, "Account");
        Update(copied, contact, "Contact");
        await copied.CaughtUpAsync();
        var (number, replayId, at) = await EventAsync(copied, since);
        using var scratch = Scratch(copied);
        async Task<string> StandAsync() => string.Join(' ', await ListAsync(copied, "select name from acme.account order by id")) + $" {await copied.ScalarAsync<string>("select lastname from acme.contact")}";
        async Task DamageAsync()
        {
            await copied.ShouldEqualTruthAsync();
            await ExecuteAsync(copied, $"""
                update acme.account set name = 'damaged'; delete from acme.account where id = '{removed}'; update acme.contact set lastname = 'damaged';
                insert into acme.account (id, name) values ('001zzzzzzzzzzzzAAA', 'extra')
                """);
        }

        await DamageAsync();
        var compared = await CommandRun.OfAsync(scratch, "replay", "--from", $"{number}", "--compare", "--json");
        compared.ExitCode.ShouldBe(0, compared.Error);
        compared.Json.GetProperty("objects").EnumerateArray().Select(o => (o.GetProperty("object").GetString(), o.GetProperty("told").GetInt64(), o.GetProperty("changed").GetInt64(), o.GetProperty("missing").GetInt64(), o.GetProperty("extra").GetInt64()))
            .ShouldBe([("Account", 2, 1, 1, 0), ("Contact", 1, 1, 0, 0)]);
        (await StandAsync()).ShouldBe("damaged damaged extra damaged");

        foreach (var from in new[] { $"{number}", replayId, $"0x{replayId}", at })
        {
            var run = await CommandRun.OfAsync(scratch, "replay", "--from", from);
            run.ExitCode.ShouldBe(0, run.Error);
            (await StandAsync()).ShouldBe("damaged changed changed extra changed", from);
            await ExecuteAsync(copied, $"update acme.account set name = 'made' where id = '{before}'; delete from acme.account where name = 'extra'");
            await DamageAsync();
        }
        (await CommandRun.OfAsync(scratch, "replay", "--from", replayId, "--object", "contact")).ExitCode.ShouldBe(0);
        (await StandAsync()).ShouldBe("damaged damaged extra changed");
        (await ListAsync(copied, $"select subject || ' ' || (details ->> 'number') || ' ' || (details ->> 'told') || ' ' || (details -> 'came' ->> 'changed') from salesforce_sync.audit where verb = 'replay' order by id"))[..2]
            .ShouldBe([$"Account {number} 2 1", $"Contact {number} 1 1"]);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.audit where verb = 'replay'")).ShouldBe(9);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.field where org <> 'acme'")).ShouldBe(0);
    }

    /// <summary>What is stored while the replay waits for the worker was told of since as well.</summary>
    [PostgresFact]
    public async Task A_record_that_an_event_tells_of_while_it_runs_is_mended_too()
    {
        await using var copied = await CopiedOrg.CreateAsync();
        var (early, late) = (Create(copied, "Account"), Create(copied, "Account"));
        copied.Start();
        await copied.CaughtUpAsync();
        await KeptAsync(copied, 1);
        Update(copied, early, "Account");
        await copied.CaughtUpAsync();
        var (number, _, _) = await EventAsync(copied, early);
        await ExecuteAsync(copied, "update acme.account set site = 'damaged'");
        using var scratch = Scratch(copied);
        Task<CommandRun> replay;
        await using (var holder = await copied.Source.OpenConnectionAsync())
        await using (var held = await holder.BeginTransactionAsync())
        {
            await holder.ExecuteAsync("select from salesforce_sync.org where name = 'acme' for update", transaction: held);
            replay = CommandRun.OfAsync(scratch, "replay", "--from", $"{number}");
            await copied.UntilAsync("select exists (select from pg_stat_activity where application_name = 'salesforce-sync replay' and datname = current_database() and wait_event_type = 'Lock')");
            Update(copied, late, "Account");
            await copied.UntilAsync($"select max(event) > {number} from salesforce_sync.event");
            await held.CommitAsync();
        }
        (await replay).ExitCode.ShouldBe(0, (await replay).Error);
        await copied.CaughtUpAsync();
        await copied.ShouldEqualTruthAsync();
    }

    [PostgresFact]
    public async Task A_start_that_is_not_stored_or_not_known_is_refused_with_how_far_back_events_reach()
    {
        await using var copied = await CopiedOrg.CreateAsync();
        var (first, second) = (Create(copied, "Account"), Create(copied, "Account"));
        copied.Start();
        await copied.CaughtUpAsync();
        Update(copied, second, "Account");
        await copied.CaughtUpAsync();
        await KeptAsync(copied, 1);
        (await copied.StopAsync()).ShouldBe(0);
        var (old, oldReplayId, _) = await EventAsync(copied, first);
        var (number, replayId, at) = await EventAsync(copied, second);
        using var scratch = Scratch(copied);
        async Task RefusedAsync(string from, string why, int code = 1, params string[] more)
        {
            var run = await CommandRun.OfAsync(scratch, ["replay", "--from", from, .. more]);
            run.ExitCode.ShouldBe(code, $"{from}: {run.Out}{run.Error}");
            run.Error.ShouldContain(why);
            run.Out.ShouldBeEmpty();
        }
        await RefusedAsync("2026-07-01T12:00:00", "--from: 2026-07-01T12:00:00: give a received number", 2);
        await RefusedAsync($"{number}", "is not copied", 2, "--object", "Nothing");
        (await CommandRun.OfAsync(scratch, "replay")).ExitCode.ShouldBe(2);
        await RefusedAsync($"{number + 1}", $"acme: no event has the number {number + 1} yet, the newest is {number}: stored events reach back to number {old}, received 2");
        await RefusedAsync("9999-01-01T00:00Z", "has not come yet");
        await ExecuteAsync(copied, $"delete from salesforce_sync.event where event < {number}");
        await RefusedAsync($"{old}", $"event {old} is not stored any more: stored events reach back to number {number}");
        await RefusedAsync(oldReplayId, $"no stored event has the replay id {oldReplayId}");
        await RefusedAsync(at, "not every event committed since");
        await ExecuteAsync(copied, "update salesforce_sync.object set channel = '/data/Other__chn'");
        await RefusedAsync(replayId, "is a position of /data/ChangeEvents, and Account comes over /data/Other__chn", 1, "--object", "Account");
        await ExecuteAsync(copied, "alter table acme.account drop column site cascade");
        await RefusedAsync($"{number}", "columns of Account are gone from its table: rebuild --object Account");
        await ExecuteAsync(copied, "drop table acme.account");
        await RefusedAsync($"{number}", "there is no table \"acme\".\"account\" to compare with: rebuild --object Account makes it");
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.audit where verb = 'replay'")).ShouldBe(0);
        await ExecuteAsync(copied, "delete from salesforce_sync.event");
        await RefusedAsync($"{number}", "no event is stored of it");
    }

    /// <summary>The copies are kept: what is damaged before that is damaged in them as well.</summary>
    private static Task KeptAsync(CopiedOrg copied, int objects) => copied.UntilAsync($"select count(*) = {objects} from salesforce_sync.image where \"table\" is not null");

    private static string Create(CopiedOrg copied, string objectName)
    {
        var id = "";
        copied.Simulated.Org.Commit(draft => id = draft.Create(objectName, new Dictionary<string, object?> { [NameOf(objectName)] = "made" }));
        return id;
    }

    private static void Update(CopiedOrg copied, string id, string objectName) =>
        copied.Simulated.Org.Commit(draft => draft.Update(objectName, id, new Dictionary<string, object?> { [NameOf(objectName)] = "changed" }));

    private static string NameOf(string objectName) => objectName == "Contact" ? "LastName" : "Name";

    /// <summary>The newest event of a record: the number it was received under, its replay id, and Salesforce's time of it.</summary>
    private static async Task<(long Number, string ReplayId, string At)> EventAsync(CopiedOrg copied, string recordId)
    {
        using var scratch = Scratch(copied);
        var life = await CommandRun.OfAsync(scratch, "explain", recordId, "--json");
        var told = life.Json.GetProperty("entries").EnumerateArray().Last(e => e.GetProperty("what").GetString() == "event");
        return (told.GetProperty("number").GetInt64(), told.GetProperty("details").GetProperty("replay id").GetString()!, told.GetProperty("at").GetDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task<string[]> ListAsync(CopiedOrg copied, string sql)
    {
        await using var connection = await copied.Source.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>(sql)];
    }

    private static async Task ExecuteAsync(CopiedOrg copied, string sql)
    {
        await using var connection = await copied.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }

    private static ScratchConfiguration Scratch(CopiedOrg copied) => ScratchConfiguration.Valid().Variable("ConnectionStrings__Postgres", copied.Database);
}
