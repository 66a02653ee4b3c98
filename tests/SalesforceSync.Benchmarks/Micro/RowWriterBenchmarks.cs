using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Decode;

namespace SalesforceSync.Benchmarks.Micro;

/// <summary>500 updates of 1,000 accounts in one durable commit of a private Postgres, as under a backlog; and a single one, as when live.</summary>
[InProcess, MemoryDiagnoser]
public class RowWriterBenchmarks
{
    private const int Some = 500;

    private readonly RowWriter _writer = new("bench", "bench", _ => ObjectRule.All, NullLogger.Instance);
    private LocalPostgres _postgres = null!;
    private NpgsqlDataSource _source = null!;
    private NpgsqlConnection _connection = null!;
    private List<ChangeEvent> _updates = [];
    private long _number;
    private int _next;

    // The toolchain that stays in this process does not wait for a task.
    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Cleanup() => CleanupAsync().GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = Some)]
    public int FiveHundred() => WriteAsync(Take(Some)).GetAwaiter().GetResult();

    [Benchmark]
    public int One() => WriteAsync(Take(1)).GetAwaiter().GetResult();

    private async Task SetupAsync()
    {
        _postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions(), TimeProvider.System, CancellationToken.None);
        var database = await _postgres.CreateDatabaseAsync("bench", CancellationToken.None);
        await Migrations.ApplyAsync(database, NullLogger.Instance, CancellationToken.None);
        _source = Postgres.Open(database);
        _connection = await _source.OpenConnectionAsync();
        await using (var settings = new NpgsqlCommand(RowWriter.SessionSettings, _connection))
            await settings.ExecuteNonQueryAsync();
        var events = AccountEvents.Make(20 * Some);
        var schema = EventSchema.Compile(events.SchemaId, events.SchemaJson);
        await WriteAsync(events.Creates.Select(payload => schema.Decode(payload)));
        _updates = [.. events.Updates.Select(payload => schema.Decode(payload))];
    }

    private async Task CleanupAsync()
    {
        await _connection.DisposeAsync();
        await _source.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    private List<ChangeEvent> Take(int count)
    {
        var from = _next;
        _next = (_next + count) % (_updates.Count - Some);
        return _updates.GetRange(from, count);
    }

    private async Task<int> WriteAsync(IEnumerable<ChangeEvent> changes)
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        var outcome = await _writer.WriteAsync(_connection, [.. changes.Select(change => new NumberedChange(++_number, change))], TimeProvider.System.GetUtcNow(), CancellationToken.None);
        await transaction.CommitAsync();
        return outcome.Rows;
    }
}
