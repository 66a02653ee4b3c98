using Dapper;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Rebuild;

/// <summary>Where the inputs do not make the table, it stays as it is.</summary>
public sealed class RebuildRefusalTests
{
    [PostgresFact]
    public async Task A_table_is_not_made_again_where_something_decides_otherwise_than_it_did()
    {
        await using var copied = await CopiedOrg.CreateAsync();
        copied.Simulated.Org.Commit(draft =>
        {
            for (var i = 0; i < 1_100; i++) draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"{i}" });
        });
        copied.Start();
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) = 1 from salesforce_sync.image where object = 'Account' and \"table\" is not null");
        await copied.StopAsync();
        await using var connection = await copied.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("update acme.account set name = 'damaged'");

        await ShouldBeRefusedAsync(copied, "rows of Account would be written: add --yes");
        await ShouldBeRefusedAsync(copied, "is configured otherwise", ("Orgs__acme__Objects__Account__Exclude__0", "Site"));
        await connection.ExecuteAsync("update salesforce_sync.field set hidden_at = now() where object = 'Account' and \"column\" = 'site'");
        await ShouldBeRefusedAsync(copied, "other fields of Account are hidden");
        await connection.ExecuteAsync("""
            update salesforce_sync.field set hidden_at = null; create table kept as select * from salesforce_sync.image; delete from salesforce_sync.image;
            insert into salesforce_sync.read (org, object, channel, kind, reason) values ('acme', 'Account', '/data/ChangeEvents', 'snapshot', 'resumed')
            """);
        await ShouldBeRefusedAsync(copied, "was resumed and its snapshot is not done", ("Orgs__acme__SchemaChanges", "Pause"));
        await connection.ExecuteAsync("""
            delete from salesforce_sync.read; insert into salesforce_sync.image select * from kept;
            update salesforce_sync.org set apply_number = apply_number + 1
            """);
        await ShouldBeRefusedAsync(copied, "are not kept");
        await connection.ExecuteAsync("""
            insert into salesforce_sync.read (org, object, channel, kind, reason, state) values ('acme', 'Account', '/data/ChangeEvents', 'snapshot', 'asked', 'done');
            insert into salesforce_sync.input (org, first, count, read) select 'acme', o.apply_number, 1, r.id from salesforce_sync.org o, salesforce_sync.read r
            """);
        await ShouldBeRefusedAsync(copied, "after its last copy was kept");
        await connection.ExecuteAsync("delete from salesforce_sync.input where read is not null; update salesforce_sync.org set apply_number = apply_number - 1");
        (await connection.ExecuteScalarAsync<long>("select count(*) from acme.account where name <> 'damaged'")).ShouldBe(0);

        using var scratch = Scratch(copied);
        var done = await CommandRun.OfAsync(scratch, "rebuild", "--object", "Account", "--yes");
        done.ExitCode.ShouldBe(0, done.Error);
        await copied.ShouldEqualTruthAsync();
    }

    private static async Task ShouldBeRefusedAsync(CopiedOrg copied, string why, params (string Name, string Value)[] more)
    {
        using var scratch = Scratch(copied);
        foreach (var (name, value) in more) scratch.Variable(name, value);
        var run = await CommandRun.OfAsync(scratch, "rebuild", "--object", "Account");
        run.ExitCode.ShouldBe(1, $"{why}: {run.Out}{run.Error}");
        run.Error.ShouldContain(why);
    }

    private static ScratchConfiguration Scratch(CopiedOrg copied) => ScratchConfiguration.Valid().Variable("ConnectionStrings__Postgres", copied.Database);
}
