using Microsoft.Extensions.Logging;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>A pooler between worker and Postgres: settings, prepared statements, temporary tables, locks and the lease belong to sessions.</summary>
public sealed class PoolerTests
{
    [PgBouncerFact]
    public async Task A_pooler_in_transaction_mode_is_refused_before_anything_is_written()
    {
        await using var copied = await CopiedOrg.CreateAsync(database: await Tests.Database.PostgresFixture.CreateEmptyDatabaseAsync());
        var (pooler, through) = await PgBouncer.StartAsync(copied.Database, "transaction");
        await using var between = pooler;
        copied.WorkerDatabase = through;
        copied.Start();
        (await copied.Ended).ShouldBe(1);
        var (_, level, text) = copied.Log.Lines.Single(line => line.Id == 8106);
        (level, text).ShouldBe((LogLevel.Error, $"a pooler in transaction mode is between this program and Postgres: {SalesforceSync.Database.TransactionPoolerException.Remedy}"));
        (await copied.ScalarAsync<bool>("select to_regnamespace('salesforce_sync') is null")).ShouldBeTrue();
    }

    [PgBouncerFact]
    public async Task Through_a_pooler_in_session_mode_an_org_is_copied()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        var (pooler, through) = await PgBouncer.StartAsync(copy.Copied.Database, "session");
        await using var between = pooler;
        copy.Copied.WorkerDatabase = through;
        copy.Copied.Start();
        copy.Commit(100);
        await copy.ShouldBeExactAsync();
        (await copy.Copied.StopAsync()).ShouldBe(0);
    }
}
