using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Assemble;
using SalesforceSync.Database;
using SalesforceSync.Store;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Database;

public class LeaseTests
{
    private const string Channel = "/data/ChangeEvents";

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

    [PostgresFact]
    public async Task Who_was_taken_over_from_writes_nothing_any_more()
    {
        await using var source = await MigratedAsync();
        await using var first = (await TakeAsync(source))!;
        var at = (await new Cursors(source, first.Ownership).StartAsync(Channel, "api.pubsub.salesforce.com", CancellationToken.None)).Received;
        await RunAsync(source, "update salesforce_sync.lease set until = '-infinity'");
        await using var second = (await TakeAsync(source))!;
        second.Ownership.Epoch.ShouldBe(first.Ownership.Epoch + 1);

        var late = first.Ownership;
        await using (var connection = await source.OpenConnectionAsync())
        {
            var rows = new ControlRows(connection, late, Channel);
            await ShouldBeLostAsync(() => rows.TakeNumbersAsync(1, 1, CancellationToken.None));
            await ShouldBeLostAsync(() => rows.MoveAsync(0, new Transaction("key", isLate: false), 1, interleaved: false, null, [], CancellationToken.None));
        }
        foreach (var takesNumber in new[] { true, false })
            await ShouldBeLostAsync(() => OrgTransaction.BeginAsync(source, late, takesNumber, CancellationToken.None));
        await ShouldBeLostAsync(() => new EventStore(source, late, Channel).AppendAsync([], at, at, CancellationToken.None));
        await ShouldBeLostAsync(() => new LostPosition(source, late, Channel).RecordAsync("late", default, "Repair", skips: false, "elsewhere", CancellationToken.None));

        await new EventStore(source, second.Ownership, Channel).AppendAsync([], at, at, CancellationToken.None);
        await using var transaction = await OrgTransaction.BeginAsync(source, second.Ownership, takesNumber: true, CancellationToken.None);
    }

    [PostgresTheory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Whether_a_lease_has_run_out_is_no_matter_of_this_machines_clock(int hours)
    {
        await using var source = await MigratedAsync();
        await using var first = (await TakeAsync(source))!;
        var isOver = hours < 0;
        if (isOver)
            await RunAsync(source, "update salesforce_sync.lease set until = clock_timestamp() - interval '1 second'");
        await using var second = await Lease.TryTakeAsync(source, "acme", new ClockOff(TimeSpan.FromHours(hours)), NullLogger.Instance, CancellationToken.None);
        (second is not null).ShouldBe(isOver);
    }

    [PostgresFact]
    public async Task A_take_over_is_on_disk_when_it_returns_also_where_commits_are_asynchronous()
    {
        await using var source = await MigratedAsync();
        await FlushWatch.InstallAsync(source, "salesforce_sync.org", "update of epoch");
        await using var lease = await TakeAsync(source);
        (await FlushWatch.SeenAsync(source)).ShouldBe("on");
    }

    private static Task<OwnershipLostException> ShouldBeLostAsync(Func<Task> write) => Should.ThrowAsync<OwnershipLostException>(write);

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

    private sealed class ClockOff(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
