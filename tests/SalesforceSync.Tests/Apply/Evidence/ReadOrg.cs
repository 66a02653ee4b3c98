using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Assemble;
using SalesforceSync.Database;
using SalesforceSync.Decode;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply.Evidence;

/// <summary>
/// One owned org on a fresh database: events are received and applied by the product's own commit, readings are begun and merged by the product's own
/// classes, and the stream's position is moved by hand.
/// </summary>
internal sealed class ReadOrg : IAsyncDisposable
{
    public const string Channel = "/data/ChangeEvents";

    /// <summary>Salesforce's time when everything begins.</summary>
    public static readonly DateTimeOffset Began = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly RowWriter _writer;
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnection _connection;
    private readonly RecentTransactions _recent = new();
    private long _received;
    private long _applied;

    private ReadOrg(NpgsqlDataSource source, NpgsqlConnection connection, Ownership ownership, ObjectRule rule)
    {
        (_source, _connection, Ownership, Rule) = (source, connection, ownership, rule);
        _writer = new(ownership.Org, ownership.Org, _ => rule, NullLogger.Instance);
        (Reads, Merge) = (new(source, ownership), NewMerge());
    }

    public Ownership Ownership { get; }

    public ObjectRule Rule { get; }

    public Reads Reads { get; }

    public EvidenceMerge Merge { get; private set; }

    public NpgsqlDataSource Source => _source;

    public static async Task<ReadOrg> OpenAsync(ObjectRule? rule = null)
    {
        var connectionString = await PostgresFixture.CreateDatabaseAsync();
        await Migrations.ApplyAsync(connectionString, NullLogger.Instance, CancellationToken.None);
        var source = Postgres.Open(connectionString);
        var connection = await source.OpenConnectionAsync();
        var org = new ReadOrg(source, connection, new("acme", 1, Guid.NewGuid()), rule ?? ObjectRule.All);
        await org.RunAsync(RowWriter.SessionSettings);
        await org.RunAsync($"""
            insert into salesforce_sync.org (name, epoch, owner) values ('acme', 1, '{org.Ownership.Owner}');
            insert into salesforce_sync.cursor (org, channel, stage, endpoint, epoch, owner)
            values ('acme', '{Channel}', 'received', 'h', 1, '{org.Ownership.Owner}'), ('acme', '{Channel}', 'applied', 'h', 1, '{org.Ownership.Owner}');
            insert into salesforce_sync.object (org, object, channel) values ('acme', 'Account', '{Channel}')
            """);
        await org.HearAsync();
        return org;
    }

    /// <summary>Another process of the same owner: nothing is remembered.</summary>
    public void Restart() => Merge = NewMerge();

    /// <summary>The stream speaks without saying anything.</summary>
    public Task HearAsync() => RunAsync($"update salesforce_sync.cursor set heard_at = clock_timestamp(), idle_replay_id = '\\x01', event = {_received}, closed_event = {_received} where stage = 'received'");

    /// <summary>Events are received, and nothing of them applied; returns their numbers.</summary>
    public async Task<List<long>> ReceiveAsync(int count)
    {
        var numbers = Enumerable.Range(0, count).Select(_ => ++_received).ToList();
        await HearAsync();
        return numbers;
    }

    /// <summary>Receives the changes and applies them in one commit.</summary>
    public async Task ApplyAsync(params NumberedChange[] changes)
    {
        var numbers = await ReceiveAsync(changes.Length);
        await ApplyAsync(numbers, changes);
    }

    public async Task ApplyAsync(IReadOnlyList<long> numbers, params NumberedChange[] changes)
    {
        var transactions = changes.Select((change, i) => Transaction(numbers[i], change.Event)).ToList();
        var step = new ApplyStep(_applied, numbers[^1], false);
        var store = new EventStore(_source, Ownership, Channel);
        await using var transaction = await _connection.BeginTransactionAsync();
        var commit = new ApplyCommit(
            _connection, Ownership, Channel, "acme", _writer, new TransactionContents(store, new(new SchemaStore(_source).FindAsync)), _recent, TimeProvider.System.GetUtcNow(), NullLogger.Instance);
        await commit.WriteAsync(transactions, step, oneByOne: false, CancellationToken.None);
        await transaction.CommitAsync();
        _applied = step.To;
    }

    /// <summary>Asks for a reading and begins it.</summary>
    public async Task<Read> BeginAsync(ReadKind kind = ReadKind.Snapshot, bool proves = true, DateTimeOffset? at = null, string objectName = "Account")
    {
        var id = await Reads.RequestAsync(new(objectName, Channel, kind, "test", proves), CancellationToken.None);
        return (await Reads.BeginAsync(id, ["Id", "Name"], at ?? Began, CancellationToken.None)).ShouldNotBeNull();
    }

    /// <summary>Ends the reading at Salesforce, hears the stream, and waits for nothing: everything received has to be applied.</summary>
    public async Task EndAsync(Read read)
    {
        await Reads.EndAsync(read.Id, null, CancellationToken.None);
        await HearAsync();
        (await Reads.IsDueAsync(read.Id, CancellationToken.None)).ShouldBeTrue();
    }

    public Task<int> MergeAsync(Read read, EvidenceShape shape, params EvidenceRow[] rows) => Merge.MergeAsync(read, shape, new(rows, []), CancellationToken.None);

    public Task<int> AbsentAsync(Read read, EvidenceShape shape, params string[] ids) => Merge.MergeAsync(read, shape, new([], ids), CancellationToken.None);

    /// <summary>Ends, merges and closes.</summary>
    public async Task FinishAsync(Read read, EvidenceShape shape, params EvidenceRow[] rows)
    {
        await EndAsync(read);
        await MergeAsync(read, shape, rows);
        await Reads.CloseAsync(read.Id, CancellationToken.None);
    }

    /// <summary>A row as a reading brings it, values in the order of the shape's fields.</summary>
    public static EvidenceRow Row(string id, params string?[] values) => new(id, false, Began, [.. values.Select(v => Value.Of(v))]);

    public static EvidenceRow Deleted(string id, params string?[] values) => Row(id, values) with { IsDeleted = true };

    public static EvidenceShape Shape(params string[] fields) => new("Account", [.. fields.Select(f => new EvidenceField(f, ColumnType.Text))]);

    public async Task<string?> OneAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is { } value and not DBNull ? value.ToString() : null;
    }

    /// <summary>Columns of one row of the account table, joined by a bar; null when there is no row, and <c>~</c> for null.</summary>
    public Task<string?> RowAsync(string id, params string[] columns) =>
        OneAsync($"select concat_ws('|', {string.Join(", ", columns.Select(c => $"coalesce({Sql.Quote(c)}::text, '~')"))}) from acme.account where id = '{id}'");

    public async Task RunAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _source.DisposeAsync();
    }

    private EvidenceMerge NewMerge() => new(_source, Ownership, "acme", _ => Rule, TimeProvider.System, NullLogger.Instance);

    private static Transaction Transaction(long number, ChangeEvent change)
    {
        var stored = new StoredEvent(number, new ReplayId(Encoding.UTF8.GetBytes($"r{number}")), $"e{number}", "s", Encoding.UTF8.GetBytes($"{number}"), TimeProvider.System.GetUtcNow());
        var transaction = new Transaction($"key {number}", isLate: false);
        transaction.Add(new(stored, change.Header, change.Header.IsGap ? null : change, null));
        return transaction;
    }
}
