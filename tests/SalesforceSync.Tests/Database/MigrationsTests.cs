using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync.Tests.Database;

public class MigrationsTests
{
    [Fact]
    public void Every_file_has_the_next_number() => Migrations.All.Select(file => file.Number).ShouldBe(Enumerable.Range(1, Migrations.All.Count));

    [PostgresFact]
    public async Task Two_programs_that_start_at_once_apply_each_file_once()
    {
        await using var source = Postgres.Open(await PostgresFixture.CreateEmptyDatabaseAsync());
        var applied = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Migrations.ApplyAsync(source, Migrations.All, NullLogger.Instance, CancellationToken.None)));
        applied.Sum().ShouldBe(Migrations.All.Count);
        (await ScalarAsync<long>(source, "select count(*) from salesforce_sync.migration")).ShouldBe(Migrations.All.Count);
    }

    [PostgresFact]
    public async Task A_file_that_fails_leaves_nothing_of_itself_or_of_those_before_it()
    {
        await using var source = Postgres.Open(await PostgresFixture.CreateEmptyDatabaseAsync());
        Migration[] files = [new(1, "good", "create table salesforce_sync.good (a int)"), new(2, "bad", "create table salesforce_sync.bad (a int); select 1/0")];
        await Should.ThrowAsync<PostgresException>(() => Migrations.ApplyAsync(source, files, NullLogger.Instance, CancellationToken.None));
        (await ScalarAsync<bool>(source, "select to_regclass('salesforce_sync.good') is null and to_regnamespace('salesforce_sync') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_database_newer_than_the_program_is_refused()
    {
        await using var source = Postgres.Open(await PostgresFixture.CreateEmptyDatabaseAsync());
        await Migrations.ApplyAsync(source, [.. Migrations.All, new(9999, "future", "select 1")], NullLogger.Instance, CancellationToken.None);
        var refused = await Should.ThrowAsync<MigrationException>(() => Migrations.ApplyAsync(source, Migrations.All, NullLogger.Instance, CancellationToken.None));
        refused.Message.ShouldContain("9999");
    }

    [PostgresFact]
    public async Task A_file_changed_after_it_was_applied_is_refused_and_line_ends_do_not_count()
    {
        await using var source = Postgres.Open(await PostgresFixture.CreateEmptyDatabaseAsync());
        await Migrations.ApplyAsync(source, [new(1, "one", "select 1;\nselect 2")], NullLogger.Instance, CancellationToken.None);
        (await Migrations.ApplyAsync(source, [new(1, "one", "select 1;\r\nselect 2")], NullLogger.Instance, CancellationToken.None)).ShouldBe(0);
        await Should.ThrowAsync<MigrationException>(() => Migrations.ApplyAsync(source, [new(1, "one", "select 3")], NullLogger.Instance, CancellationToken.None));
    }

    [PostgresFact]
    public async Task A_role_that_may_not_migrate_may_still_run_when_nothing_is_missing()
    {
        var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        await using var owner = Postgres.Open(database);
        await Migrations.ApplyAsync(owner, Migrations.All, NullLogger.Instance, CancellationToken.None);
        var role = $"reader_{Guid.NewGuid():N}"[..20];
        await using (var make = owner.CreateCommand($"create role {role} login; grant usage on schema salesforce_sync to {role}; grant select on salesforce_sync.migration to {role}"))
            await make.ExecuteNonQueryAsync();
        await using var source = Postgres.Open(new NpgsqlConnectionStringBuilder(database) { Username = role }.ConnectionString);
        (await Migrations.ApplyAsync(source, Migrations.All, NullLogger.Instance, CancellationToken.None)).ShouldBe(0);
        var refused = await Should.ThrowAsync<PostgresException>(
            () => Migrations.ApplyAsync(source, [.. Migrations.All, new(9999, "more", "create table salesforce_sync.more (a int)")], NullLogger.Instance, CancellationToken.None));
        refused.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
