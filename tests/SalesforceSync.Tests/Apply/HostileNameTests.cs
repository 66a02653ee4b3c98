using System.Text;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply;

/// <summary>Names an org may give, by mistake or on purpose, against a real Postgres: each stays a name, and none becomes anything else.</summary>
public class HostileNameTests
{
    private const int Columns = 1600;

    private static readonly string[] Pieces =
    [
        "\"", "\"\"", "'", "''", ";", "--", "/*", "*/", "\\", "$1", "$$", "{0}", "%s", "\n", "\r", "\t", "\u0001", "\u007f", "\u00a0", "\u202e", "ä", "İ", "𝒳", "\ufffd", " ", ".", ",", "(", ")",
        "drop table salesforce_sync.org", "; drop schema acme cascade; --", "select", "E'\\''", "U&\"\\0041\"", "pg_temp", "acme", "id", "_sync_event", "A", "z", "0", "_",
    ];

    [PostgresFact]
    public async Task Eight_thousand_quoted_names_come_back_from_Postgres_as_they_are()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var before = await RelationsAsync(database);
        var random = new Random(20260101);
        for (var round = 0; round < 5; round++)
        {
            var names = Enumerable.Range(0, Columns).Select(_ => Name(random, maxBytes: 63)).ToArray();
            await using var ask = new NpgsqlCommand($"select {string.Join(", ", names.Select(name => $"{Constant(name)} as {Sql.Quote(name)}"))}", database.Connection);
            await using var answer = await ask.ExecuteReaderAsync();
            (await answer.ReadAsync()).ShouldBeTrue();
            Enumerable.Range(0, Columns).Select(answer.GetString).SequenceEqual(names.Select(name => IsRefused(name) ? "refused" : name), StringComparer.Ordinal).ShouldBeTrue();
            Enumerable.Range(0, Columns).Select(answer.GetName).SequenceEqual(names, StringComparer.Ordinal).ShouldBeTrue();
        }
        (await RelationsAsync(database)).ShouldBe(before);
    }

    [PostgresFact]
    public async Task Hostile_names_of_tables_and_columns_that_are_made_nevertheless_are_just_that()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.RunAsync("create schema acme");
        var before = await RelationsAsync(database);
        var random = new Random(7);
        var names = Enumerable.Range(0, 1500).Select(i => $"{Name(random, maxBytes: 55)}_{i}").ToArray();
        await database.RunAsync($"create table acme.wide ({string.Join(", ", names.Select(name => $"{Sql.Quote(name)} int"))})");
        foreach (var chunk in names.Take(80).Chunk(50))
            await database.RunAsync(string.Join("; ", chunk.Select(name => $"create table {Sql.Quote("acme", name)} ()")));

        (await database.ListAsync("select attname::text from pg_attribute where attrelid = 'acme.wide'::regclass and attnum > 0 order by attnum")).ShouldBe(names);
        (await database.ListAsync("select relname::text from pg_class where relnamespace = 'acme'::regnamespace and relkind = 'r' and relname <> 'wide'")).Order(StringComparer.Ordinal)
            .ShouldBe(names.Take(80).Order(StringComparer.Ordinal));
        (await RelationsAsync(database)).ShouldBe(before + 81);
    }

    [PostgresFact]
    public async Task What_is_no_api_name_never_gets_so_far()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var before = await RelationsAsync(database);
        var random = new Random(42);
        var hostile = Enumerable.Range(0, 5_000).Select(_ => Name(random, maxBytes: 200)).Where(name => !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')).ToList();
        hostile.Count.ShouldBeGreaterThan(4_000);
        foreach (var name in hostile)
            Should.Throw<RefusedNameException>(() => PostgresName.Of(name));
        var schema = new TestSchema("Account").Text("Name").Build("s1");
        var writer = RowsDatabase.Writer();
        foreach (var name in hostile.Take(10))
        {
            await Should.ThrowAsync<UnwritableChangeException>(() => database.WriteAsync(writer, new TestChanges(name).Create(schema, "001000000000001AAA")));
            writer.Forget();
        }
        (await RelationsAsync(database)).ShouldBe(before);
    }

    /// <summary>Names that are alike in what Postgres would keep of them: 63 bytes, and the first 54 in ours.</summary>
    [PostgresFact]
    public async Task Thousands_of_long_names_with_the_same_beginning_stay_apart()
    {
        var names = Enumerable.Range(0, 20_000).Select(i => $"{new string('A', 62)}{i}__c").ToArray();
        var shortened = names.Select(PostgresName.Of).ToArray();
        shortened.ShouldAllBe(name => Encoding.UTF8.GetByteCount(name) <= 63);
        shortened.ToHashSet().Count.ShouldBe(names.Length);

        await using var database = await RowsDatabase.OpenAsync();
        var fields = names.Take(300).ToArray();
        await database.WriteAsync(RowsDatabase.Writer(RowsDatabase.Staged), new TestChanges("Account").Create(
            new TestSchema("Account").Text(fields).Build("s1"), "001000000000001AAA", [.. fields.Select((field, i) => (field, Value.Of($"{i}")))]));
        var row = await database.RowAsync("account", "001000000000001AAA");
        fields.Select(field => row[PostgresName.Of(field)]).ShouldBe(fields.Select((_, i) => $"{i}"));
    }

    private static bool IsRefused(string name) => name.Contains('\\', StringComparison.Ordinal);

    private static string Constant(string name)
    {
        if (!IsRefused(name)) return Sql.Literal(name);
        Should.Throw<ArgumentException>(() => Sql.Literal(name));
        return Sql.Literal("refused");
    }

    private static async Task<long> RelationsAsync(RowsDatabase database) => (long)(await database.ScalarAsync("select count(*) from pg_class where relkind in ('r', 'p', 'v') and not relispartition"))!;

    /// <summary>Not empty, without U+0000, and no more bytes of UTF-8 than that.</summary>
    private static string Name(Random random, int maxBytes)
    {
        var name = new StringBuilder(Pieces[random.Next(Pieces.Length)]);
        for (var more = random.Next(8); more > 0; more--)
        {
            var piece = Pieces[random.Next(Pieces.Length)];
            if (Encoding.UTF8.GetByteCount(name.ToString()) + Encoding.UTF8.GetByteCount(piece) <= maxBytes) name.Append(piece);
        }
        return name.ToString();
    }
}
