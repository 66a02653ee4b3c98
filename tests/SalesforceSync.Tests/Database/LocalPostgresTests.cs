using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync.Tests.Database;

public class LocalPostgresTests
{
    [PostgresFact]
    public async Task A_fresh_database_speaks_utf8_with_the_c_locale_and_is_durable_by_default()
    {
        await using var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions(), TimeProvider.System, CancellationToken.None);
        var database = await postgres.CreateDatabaseAsync("odd \"name\"", CancellationToken.None);

        (await ScalarAsync(database, "show server_encoding")).ShouldBe("UTF8");
        (await ScalarAsync(database, "select datcollate from pg_database where datname = current_database()")).ShouldBe("C");
        (await ScalarAsync(database, "select concat_ws(' ', current_setting('fsync'), current_setting('synchronous_commit'))")).ShouldBe("on on");
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task What_was_committed_survives_an_immediate_stop()
    {
        await using var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions(), TimeProvider.System, CancellationToken.None);
        var database = await postgres.CreateDatabaseAsync("survivor", CancellationToken.None);
        await ScalarAsync(database, "create table kept (n int); insert into kept values (1); select 1");

        await postgres.StopAsync(PostgresStop.Immediate, CancellationToken.None);
        await Should.ThrowAsync<NpgsqlException>(() => ScalarAsync(database, "select 1"));
        await postgres.StartAgainAsync(CancellationToken.None);

        (await ScalarAsync(database, "select count(*) from kept")).ShouldBe(1L);
    }

    [PostgresFact]
    public async Task Disposing_stops_the_server_and_leaves_nothing_behind()
    {
        var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions { Durable = false }, TimeProvider.System, CancellationToken.None);
        await postgres.DisposeAsync();

        Directory.Exists(postgres.Directory).ShouldBeFalse();
        await Should.ThrowAsync<NpgsqlException>(() => ScalarAsync(postgres.ConnectionString("postgres"), "select 1"));
    }

    [PostgresFact]
    public async Task A_start_can_be_called_off()
    {
        using var called = new CancellationTokenSource();
        var starting = LocalPostgres.StartAsync(new LocalPostgresOptions { Durable = false }, TimeProvider.System, called.Token);
        await called.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(starting);
    }

    [PostgresFact]
    public async Task A_setting_that_postgres_refuses_is_told_in_its_own_words()
    {
        var options = new LocalPostgresOptions { Durable = false, Settings = new Dictionary<string, string> { ["no_such_setting"] = "1" } };
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => LocalPostgres.StartAsync(options, TimeProvider.System, CancellationToken.None));
        failure.Message.ShouldContain("no_such_setting");
    }

    [PostgresFact]
    public async Task Two_databases_of_the_shared_server_do_not_see_each_other()
    {
        var (first, second) = (await PostgresFixture.CreateDatabaseAsync(), await PostgresFixture.CreateDatabaseAsync());
        await ScalarAsync(first, "create table mine (n int); select 1");
        (await ScalarAsync(second, "select to_regclass('mine') is null")).ShouldBe(true);
    }

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
