using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Salesforce;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Salesforce;

/// <summary>A login host and a database of our own, and ledgers over it.</summary>
internal sealed class BudgetedOrg : IAsyncDisposable
{
    public static readonly SignInFlow Flow = new SignInFlow.ClientCredentials("id", new("secret"));

    private readonly List<IDisposable> _open = [];

    private BudgetedOrg(LoginServer server, NpgsqlDataSource source) => (Server, Source) = (server, source);

    public LoginServer Server { get; }

    public NpgsqlDataSource Source { get; }

    public CapturedLog Log { get; } = new();

    public static async Task<BudgetedOrg> StartAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await Migrations.ApplyAsync(database, NullLogger.Instance, CancellationToken.None);
        return new BudgetedOrg(await LoginServer.StartAsync(), Postgres.Open(database));
    }

    /// <summary>As another process has it: nothing is shared but the database.</summary>
    public ApiLedger Ledger(int callsPerMonth = 10_000, int reservePercent = 20) => new(Source, new(callsPerMonth, reservePercent), TimeProvider.System, Log);

    public RestClient Rest(ApiLedger ledger)
    {
        var http = new SalesforceHttp(ledger, TimeProvider.System, Log);
        var tokens = new TokenSource(Server.Org(Flow), http, null, TimeProvider.System, Log);
        _open.AddRange([tokens, http]);
        return new RestClient(Server.Org(Flow), tokens, http);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await Source.OpenConnectionAsync();
        return (await connection.ExecuteScalarAsync<T>(sql))!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _open)
            one.Dispose();
        await Source.DisposeAsync();
        await Server.DisposeAsync();
    }
}
