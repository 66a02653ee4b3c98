using System.Text.Json;
using Npgsql;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Protocol.Strangers;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>
/// An org that is not ours (tests/strangers/org.mjs, on grpc-js and avsc) is copied by the program as an operator runs it, configured by
/// environment variables alone. What must be in Postgres afterwards stands in tests/strangers/org-expected.mjs, written by hand.
/// </summary>
public class StrangeOrgTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [StrangerTheory("node")]
    [InlineData("everything at once")]
    public Task Everything_a_strange_org_sends_is_in_postgres_as_the_design_says(string delivery, params string[] arguments) => CopyAsync(delivery, arguments);

    [StrangerTheory("node")]
    [Trait(Extent.Trait, Extent.Whole)]
    [InlineData("ends after every 31 events, in sevens", "--end-after", "31", "--batch", "7")]
    [InlineData("a round trip longer than the quiet period", "--delay", "160", "--batch", "3")]
    [InlineData("one event per response", "--batch", "1")]
    [InlineData("the stream ends cleanly after every 9 events", "--end-after", "9")]
    public Task However_it_sends_it_all_of_it_is_in_postgres(string delivery, params string[] arguments) => CopyAsync(delivery, arguments);

    private static async Task CopyAsync(string delivery, string[] arguments)
    {
        if (PostgresFixture.SkipReason is { } reason)
        {
            Assert.Fail(reason);
        }
        await using var stranger = Stranger.Start("org.mjs", arguments);
        var org = await stranger.ReadAsync();
        var database = new NpgsqlConnectionStringBuilder(await PostgresFixture.CreateDatabaseAsync()) { Timezone = "UTC" }.ConnectionString;
        await using var source = NpgsqlDataSource.Create(database);
        using (var worker = new StrangeOrgWorker(Environment(org, database)))
        {
            await AppliedAsync(source, org.GetProperty("last").GetString()!, worker);
            (await worker.StopAsync()).ShouldBe(0, worker.ToString());
        }

        await ShouldBeCopiedAsync(delivery, source, org, workers: 1);
    }

    [StrangerFact("node")]
    public async Task A_worker_killed_twice_on_the_way_leaves_nothing_out_and_nothing_twice()
    {
        if (PostgresFixture.SkipReason is { } reason)
        {
            Assert.Fail(reason);
        }
        await using var stranger = Stranger.Start("org.mjs", ["--batch", "2", "--end-after", "20", "--delay", "300"]);
        var org = await stranger.ReadAsync();
        var database = new NpgsqlConnectionStringBuilder(await PostgresFixture.CreateDatabaseAsync()) { Timezone = "UTC" }.ConnectionString;
        await using var source = NpgsqlDataSource.Create(database);
        foreach (var transactions in new[] { 8, 20, int.MaxValue })
        {
            using var worker = new StrangeOrgWorker(Environment(org, database));
            if (transactions == int.MaxValue)
                await AppliedAsync(source, org.GetProperty("last").GetString()!, worker);
            else
                await UntilAsync(source, $"select (transactions >= {transactions})::text from salesforce_sync.org", "true", worker);
            await worker.KillAsync();
        }
        await ShouldBeCopiedAsync("killed", source, org, workers: 3);
    }

    private static async Task ShouldBeCopiedAsync(string delivery, NpgsqlDataSource source, JsonElement org, int workers)
    {
        var differences = await StrangeOrgCopy.DifferencesAsync(source, "acme", org.GetProperty("expected").GetProperty("tables"));
        differences.AddRange(await ControlDifferencesAsync(source, org));
        differences.AddRange(Faults(await SeenAsync(org), workers));
        differences.ShouldBeEmpty($"{delivery}:\n{string.Join('\n', differences)}");
    }

    /// <summary>Exactly the environment of an operator who knows nothing but the documents; the port so that tests may run side by side.</summary>
    private static IEnumerable<(string, string)> Environment(JsonElement org, string database) =>
    [
        ("ConnectionStrings__Postgres", database),
        ("Orgs__acme__LoginUrl", org.GetProperty("login").GetString()!),
        ("Orgs__acme__PubSubEndpoint", org.GetProperty("pubsub").GetString()!),
        ("Orgs__acme__Auth__ClientId", org.GetProperty("clientId").GetString()!),
        ("Orgs__acme__Auth__ClientSecret", org.GetProperty("clientSecret").GetString()!),
        ("Orgs__acme__StartFrom", "Earliest"),
        ("Http__Port", "0"),
    ];

    private static Task AppliedAsync(NpgsqlDataSource source, string last, StrangeOrgWorker worker) =>
        UntilAsync(source, "select encode(replay_id, 'hex') from salesforce_sync.cursor where stage = 'applied'", last, worker);

    private static async Task UntilAsync(NpgsqlDataSource source, string sql, string wanted, StrangeOrgWorker worker)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (await TextAsync(source, sql) != wanted)
        {
            if (worker.ExitCode is { } code || TimeProvider.System.GetElapsedTime(begun) > Patience)
                throw new InvalidOperationException($"never {wanted}: {sql}; the worker said:\n{worker}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }

    private static async Task<List<string>> ControlDifferencesAsync(NpgsqlDataSource source, JsonElement org)
    {
        var differences = new List<string>();
        var repairs = (await TextAsync(source, "select coalesce(string_agg(distinct object || ' ' || coalesce(record_id, '*'), ',' ), '') from salesforce_sync.repair where state = 'open' and org = 'acme'")).Split(',');
        var wanted = org.GetProperty("expected").GetProperty("repairs").EnumerateArray().Select(r => $"{r[0].GetString()} {r[1].GetString() ?? "*"}").ToArray();
        differences.AddRange(wanted.Except(repairs).Select(r => $"repair missing: {r}"));
        differences.AddRange(repairs.Except(wanted).Select(r => $"repair not expected: {r}"));
        await ExpectAsync("quarantine", "Foo__c,Opportunity", "select string_agg(object, ',' order by id) from salesforce_sync.quarantine");
        await ExpectAsync("events stored once", $"{org.GetProperty("count").GetInt32()}", "select count(*)::text from salesforce_sync.event");
        await ExpectAsync("org id", org.GetProperty("orgId").GetString()!, "select org_id from salesforce_sync.org");
        // Two lack a parked event; and the first time that two keys alternate the copy may have to learn that they do.
        await ExpectAsync("two or three torn transactions", "true", "select (torn in (2, 3))::text from salesforce_sync.org");
        await ExpectAsync("coverage gaps", "Opportunity", "select string_agg(distinct object, ',') from salesforce_sync.coverage where state = 'gap'");
        return differences;

        async Task ExpectAsync(string what, string expected, string sql)
        {
            var found = await TextAsync(source, sql);
            if (found != expected)
                differences.Add($"{what}: expected {expected}, found {found}");
        }
    }

    /// <summary>What the org has to complain about: more asked for than is allowed, another call than was needed, an id not resumed from.</summary>
    private static IEnumerable<string> Faults(JsonElement seen, int workers)
    {
        foreach (var fault in seen.GetProperty("faults").EnumerateArray())
            yield return $"the org complains: {fault.GetString()}";
        // Where a run takes longer than gaps are collected, it has begun to ask what their records are.
        foreach (var call in seen.GetProperty("otherHttp").EnumerateArray().Where(call => !call.GetString()!.EndsWith("/describe", StringComparison.Ordinal)))
            yield return $"an API call: {call.GetString()}";
        // A worker that is killed between the answer and its row leaves one to be asked for again.
        var again = seen.GetProperty("schemas").EnumerateArray().GroupBy(s => s.GetString()).Where(s => s.Count() > 1).ToList();
        if (again.Sum(s => s.Count() - 1) > workers - 1)
            yield return $"asked for again by {workers} workers: schemas {string.Join(", ", again.Select(s => $"{s.Key} ({s.Count()} times)"))}";
        if (seen.GetProperty("tokens").GetInt32() > workers)
            yield return $"{seen.GetProperty("tokens")} sign-ins of {workers} workers";
        var presets = seen.GetProperty("subscriptions").EnumerateArray().Select(s => s.GetProperty("preset").GetString()).ToArray();
        if (presets[0] != "EARLIEST" || presets.Skip(1).Any(p => p != "CUSTOM"))
            yield return $"subscribed with {string.Join(", ", presets)}";
    }

    private static async Task<JsonElement> SeenAsync(JsonElement org)
    {
        using var http = new HttpClient();
        return JsonDocument.Parse(await http.GetStringAsync(new Uri($"{org.GetProperty("login").GetString()}/seen"))).RootElement;
    }

    private static async Task<string> TextAsync(NpgsqlDataSource source, string sql)
    {
        try
        {
            await using var command = source.CreateCommand(sql);
            return await command.ExecuteScalarAsync() as string ?? "";
        }
        catch (PostgresException missing) when (missing.SqlState is "42P01" or "3F000")
        {
            return "";
        }
    }
}
