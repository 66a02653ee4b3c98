using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Database;

public class LeaseTests
{
    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_owner_that_stopped_in_the_middle_of_a_statement_is_taken_over_from(bool isCopying)
    {
        await using var source = await MigratedAsync();
        await using var first = (await TakeAsync(source))!;
        await using var paused = await source.OpenConnectionAsync();
        await using var transaction = await paused.BeginTransactionAsync();
        await RunAsync(paused, "create temp table stage (id text)");
        await RunAsync(paused, "update salesforce_sync.org set transactions = transactions + 1");
        // Nothing more is heard from it, neither rows nor the end of them.
        var copy = isCopying ? await paused.BeginBinaryImportAsync("copy stage from stdin (format binary)") : null;
        await RunAsync(source, "update salesforce_sync.lease set until = '-infinity'");
        var log = new CapturedLog();
        await using var second = await Lease.TryTakeAsync(source, "acme", TimeProvider.System, log, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        second.ShouldNotBeNull().Ownership.Epoch.ShouldBe(2);
        log.Lines.Count(l => l.Id == 7013).ShouldBe(1);
        await Should.ThrowAsync<NpgsqlException>(async () =>
        {
            if (copy is not null)
                await copy.CompleteAsync();
            await transaction.CommitAsync();
        });
    }

    [PostgresFact]
    public async Task Nobody_waits_for_a_commit_of_the_owner_to_learn_that_there_is_one()
    {
        await using var source = await MigratedAsync();
        await using var first = (await TakeAsync(source))!;
        await using var busy = await source.OpenConnectionAsync();
        await using var transaction = await busy.BeginTransactionAsync();
        await RunAsync(busy, "update salesforce_sync.org set transactions = transactions + 1");
        await RunAsync(busy, "update salesforce_sync.lease set until = until");
        (await TakeAsync(source).WaitAsync(TimeSpan.FromSeconds(3), TimeProvider.System)).ShouldBeNull();
        await transaction.CommitAsync();
    }

    private static async Task<NpgsqlDataSource> MigratedAsync()
    {
        var source = Postgres.Open(await PostgresFixture.CreateDatabaseAsync());
        await Migrations.ApplyAsync(source, Migrations.All, NullLogger.Instance, CancellationToken.None);
        return source;
    }

    private static Task<Lease?> TakeAsync(NpgsqlDataSource source) => Lease.TryTakeAsync(source, "acme", TimeProvider.System, NullLogger.Instance, CancellationToken.None);

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var connection = await source.OpenConnectionAsync();
        await RunAsync(connection, sql);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
