using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Store;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Store;

public sealed class SchemaStoreTests
{
    [PostgresFact]
    public async Task Who_asks_for_the_same_schema_at_once_gets_one_answer()
    {
        await using var source = await MigratedAsync();
        var store = new SchemaStore(source);
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = 0;
        Task<string> Ask(string id, CancellationToken stop)
        {
            asked++;
            return answer.Task;
        }
        var first = store.FindOrFetchAsync("one", Ask, CancellationToken.None);
        var second = store.FindOrFetchAsync("one", Ask, CancellationToken.None);
        // Another schema does not wait for it.
        (await store.FindOrFetchAsync("two", (_, _) => Task.FromResult("{}"), CancellationToken.None)).ShouldBe(("{}", true));
        answer.SetResult("""{"type": "record"}""");
        (await first, await second).ShouldBe((("""{"type": "record"}""", true), ("""{"type": "record"}""", false)));
        asked.ShouldBe(1);
        (await new SchemaStore(source).FindAsync("one", CancellationToken.None)).ShouldBe("""{"type": "record"}""");
    }

    [PostgresFact]
    public async Task A_schema_that_could_not_be_had_is_asked_for_by_the_next()
    {
        await using var source = await MigratedAsync();
        var store = new SchemaStore(source);
        await Should.ThrowAsync<TimeoutException>(() => store.FindOrFetchAsync("one", (_, _) => Task.FromException<string>(new TimeoutException()), CancellationToken.None));
        (await store.FindOrFetchAsync("one", (_, _) => Task.FromResult("{}"), CancellationToken.None)).ShouldBe(("{}", true));
    }

    private static async Task<NpgsqlDataSource> MigratedAsync()
    {
        var source = Postgres.Open(await PostgresFixture.CreateDatabaseAsync());
        await Migrations.ApplyAsync(source, Migrations.All, NullLogger.Instance, CancellationToken.None);
        return source;
    }
}
