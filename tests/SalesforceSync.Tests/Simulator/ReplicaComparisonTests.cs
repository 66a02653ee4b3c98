using Npgsql;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Simulator;

public class ReplicaComparisonTests
{
    private const string Text = "quotes ' \" \\ \n\t ünïcödé 👩‍👩‍👧 \u0001";
    private readonly SimulatedOrg _org = new(new OrgOptions(), new ManualClock());

    [PostgresFact]
    public async Task Equal_replica_has_no_differences_and_every_alteration_is_found()
    {
        var (kept, deleted) = Fill();
        var truth = _org.Truth();
        var database = await PostgresFixture.CreateDatabaseAsync();
        await WriteReplicaAsync(truth, database);
        var equal = await ReplicaComparison.CompareAsync(truth, database, "acme", CancellationToken.None);
        equal.Differences.ShouldBeEmpty();
        equal.Equal.ShouldBeTrue();
        equal.Records.ShouldBe(3);
        equal.Fields.ShouldBeGreaterThan(100);

        await FindsAsync(database, truth, "Total__c", $"set total__c = total__c + 0.000000001 where id = '{kept}'");
        await FindsAsync(database, truth, "Total__c", $"set total__c = 12345678901.230000000000000001 where id = '{kept}'");
        await FindsAsync(database, truth, "Terms__c", $"set terms__c = terms__c || ' ' where id = '{kept}'");
        await FindsAsync(database, truth, "Sent_At__c", $"set sent_at__c = sent_at__c + interval '1 millisecond' where id = '{kept}'");
        await FindsAsync(database, truth, "Cutoff__c", $"set cutoff__c = null where id = '{kept}'");
        await FindsAsync(database, truth, "Due__c", $"set due__c = due__c + 1 where id = '{kept}'");
        await FindsAsync(database, truth, "Paid__c", $"set paid__c = not paid__c where id = '{kept}'");
        await FindsAsync(database, truth, "Place__Latitude__s", $"set place__latitude__s = 1 where id = '{kept}'");
        await FindsAsync(database, truth, "_sync_deleted", $"set _sync_deleted = false where id = '{deleted}'");
        await FindsAsync(database, truth, "_sync_sequence", $"set _sync_sequence = 9 where id = '{kept}'");
        await FindsAsync(database, truth, "(row)", $"set id = 'a01000000000000AAA' where id = '{kept}'", differences: 2);
    }

    [PostgresFact]
    public async Task Missing_tables_columns_and_hard_deletes_are_told()
    {
        Fill();
        var truth = _org.Truth();
        var database = await PostgresFixture.CreateDatabaseAsync();
        (await ReplicaComparison.CompareAsync(truth, database, "acme", CancellationToken.None)).DifferenceCount.ShouldBe(3);
        await WriteReplicaAsync(truth, database);
        var hard = await ReplicaComparison.CompareAsync(truth, database, "acme", new ComparisonRules { Deleted = DeletedRows.Hard }, CancellationToken.None);
        hard.Differences.Single().Field.ShouldBe("(row)");
        await ExecuteAsync(database, "alter table acme.invoice__c drop column total__c");
        (await ReplicaComparison.CompareAsync(truth, database, "acme", CancellationToken.None)).Differences.ShouldAllBe(d => d.Field == "Total__c" && d.Found == "no column");
    }

    [PostgresFact]
    public async Task Dirty_records_are_counted_and_left_out()
    {
        var (kept, _) = Fill();
        _org.Commit(t => t.GapUpdate("Invoice__c", kept, new Dictionary<string, object?> { ["Total__c"] = 1.0 }, foreignKey: true));
        var truth = _org.Truth();
        var database = await PostgresFixture.CreateDatabaseAsync();
        await WriteReplicaAsync(truth, database);
        await ExecuteAsync(database, "update acme.invoice__c set total__c = 2");
        var result = await ReplicaComparison.CompareAsync(truth, database, "acme", CancellationToken.None);
        result.Dirty.ShouldBe(1);
        result.Differences.ShouldNotContain(difference => difference.Id == kept);
        (await ReplicaComparison.CompareAsync(truth, database, "acme", new ComparisonRules { IncludeDirty = true }, CancellationToken.None))
            .Differences.ShouldContain(difference => difference.Id == kept);
    }

    [PostgresFact]
    public async Task Where_reading_the_org_repairs_all_records_are_compared_but_not_who_wrote_them()
    {
        var (kept, deleted) = Fill();
        var purged = OrgEvents.New(_org, "Invoice__c", ("Name", "purged"));
        _org.Commit(t => t.GapUpdate("Invoice__c", kept, new Dictionary<string, object?> { ["Total__c"] = 1.0 }, foreignKey: true));
        _org.Commit(t => t.Purge("Invoice__c", purged));
        _org.Setup.AddFormula("Invoice__c", "Twice__c", FieldKind.Double, (value, _) => (double?)value("Total__c") * 2);
        _org.AddField("Invoice__c", new SimulatedField("Unknown__c", FieldKind.Text) { FieldId = FieldList.FieldIdOf("X", 1) });
        var truth = _org.Truth();
        var database = await PostgresFixture.CreateDatabaseAsync();
        await WriteReplicaAsync(truth, database);
        await ExecuteAsync(database, "alter table acme.invoice__c drop column unknown__c; alter table acme.invoice__c drop column twice__c");
        (await RepairedAsync(database, truth)).Equal.ShouldBeTrue();

        await FindsRepairedAsync(database, truth, null, $"set _sync_transaction_key = null, _sync_source = 'bulk' where id = '{kept}'");
        await FindsRepairedAsync(database, truth, "_sync_transaction_key", $"set _sync_source = 'bulk' where id = '{kept}'");
        await FindsRepairedAsync(database, truth, "_sync_transaction_key", $"set _sync_transaction_key = null, _sync_source = 'cdc' where id = '{kept}'");
        await FindsRepairedAsync(database, truth, "Total__c", $"set total__c = 2 where id = '{kept}'");
        await FindsRepairedAsync(database, truth, "_sync_incomplete", $"set _sync_incomplete = true where id = '{kept}'");
        await FindsRepairedAsync(database, truth, null, $"set total__c = 2 where id = '{deleted}'");
        await FindsRepairedAsync(database, truth, "_sync_deleted", $"set _sync_deleted = false where id = '{deleted}'");
        await FindsRepairedAsync(database, truth, "_sync_deleted", $"set _sync_deleted = false where id = '{purged}'");
        await ExecuteAsync(database, $"delete from acme.invoice__c where id in ('{purged}', '{deleted}')");
        var without = await RepairedAsync(database, truth);
        (without.DifferenceCount, without.MissingTombstones).ShouldBe((0, 1));
        var known = _org.Commit(t => t.Unpublished().Update("Invoice__c", kept, new Dictionary<string, object?> { ["Unknown__c"] = "now" }));
        known.Events.ShouldBe(0);
        (await RepairedAsync(database, _org.Truth())).Differences.ShouldContain(difference => difference.Field == "Unknown__c" && difference.Found == "no column");
    }

    [PostgresFact]
    public async Task A_tombstone_made_twice_may_be_that_of_an_earlier_delete_of_the_record_and_of_nothing_else()
    {
        var (other, twice) = Fill();
        var first = _org.Truth().Record(twice);
        _org.Commit(t => t.Unpublished().Undelete("Invoice__c", twice));
        _org.Commit(t => t.Delete("Invoice__c", twice));
        _org.Commit(t => t.Unpublished().Update("Invoice__c", other, new Dictionary<string, object?> { ["Total__c"] = 3.0 }));
        _org.Commit(t => t.Delete("Invoice__c", other));
        var truth = await AsSentAsync(_org.Truth());
        var database = await PostgresFixture.CreateDatabaseAsync();
        await WriteReplicaAsync(truth, database);
        (await RepairedAsync(database, truth)).Equal.ShouldBeTrue();

        var earlier = $"set _sync_transaction_key = '{first.TransactionKey}', _sync_sequence = {first.Sequence}";
        await FindsRepairedAsync(database, truth, null, $"{earlier} where id = '{twice}'");
        await FindsRepairedAsync(database, truth, "_sync_transaction_key", $"{earlier} where id = '{other}'");
        await FindsRepairedAsync(database, truth, "_sync_sequence", $"set _sync_sequence = 7 where id = '{twice}'");
        await FindsRepairedAsync(database, truth, "_sync_transaction_key", $"set _sync_transaction_key = 'another' where id = '{twice}'");
    }

    private static async Task<Truth> AsSentAsync(Truth truth)
    {
        using var stream = new MemoryStream();
        foreach (var line in TruthJson.Lines(truth)) stream.Write(line.Span);
        stream.Position = 0;
        return await TruthJson.ReadAsync(stream, CancellationToken.None);
    }

    private static Task<ComparisonResult> RepairedAsync(string database, Truth truth)
        => ReplicaComparison.CompareAsync(truth, database, "acme", new ComparisonRules { Repaired = true }, CancellationToken.None);

    private static async Task FindsRepairedAsync(string database, Truth truth, string? field, string change)
    {
        await ExecuteAsync(database, "create table acme.kept as select * from acme.invoice__c");
        await ExecuteAsync(database, "update acme.invoice__c " + change);
        (await RepairedAsync(database, truth)).Differences.Select(difference => difference.Field).ShouldBe(field is null ? [] : [field], change);
        await ExecuteAsync(database, "delete from acme.invoice__c; insert into acme.invoice__c select * from acme.kept; drop table acme.kept");
    }

    [Theory]
    [InlineData("1.50", "15e-1", true)]
    [InlineData("-0.00", "0", true)]
    [InlineData("1E+22", "10000000000000000000000", true)]
    [InlineData("1E-07", "0.0000001", true)]
    [InlineData("0.1", "0.1000000000000000055511151231257827", false)]
    [InlineData("-5", "5", false)]
    public void Numbers_are_equal_by_value(string one, string other, bool equal)
        => (DecimalText.Canonical(one) == DecimalText.Canonical(other)).ShouldBe(equal);

    private (string Kept, string Deleted) Fill()
    {
        var draft = _org.Begin();
        var kept = draft.Create("Invoice__c", new Dictionary<string, object?>
        {
            ["Name"] = "INV-1",
            ["Total__c"] = 12345678901.23,
            ["Quantity__c"] = -1e-9,
            ["Due__c"] = new DateOnly(1901, 2, 3),
            ["Sent_At__c"] = new DateTimeOffset(1969, 12, 31, 23, 59, 59, 999, TimeSpan.Zero),
            ["Cutoff__c"] = new TimeOnly(23, 59, 59, 999),
            ["Place__Latitude__s"] = 47.3768866,
            ["Place__Longitude__s"] = -8.541694,
            ["Paid__c"] = true,
            ["Terms__c"] = Text
        });
        var deleted = draft.Create("Invoice__c", new Dictionary<string, object?> { ["Name"] = "INV-2" });
        draft.Create("Contact", new Dictionary<string, object?> { ["LastName"] = "Only" });
        _org.Commit(draft);
        _org.Commit(t => t.Delete("Invoice__c", deleted));
        return (kept, deleted);
    }

    private static async Task FindsAsync(string database, Truth truth, string field, string change, int differences = 1)
    {
        await ExecuteAsync(database, "create table acme.kept as select * from acme.invoice__c");
        await ExecuteAsync(database, "update acme.invoice__c " + change);
        var result = await ReplicaComparison.CompareAsync(truth, database, "acme", CancellationToken.None);
        result.DifferenceCount.ShouldBe(differences, change);
        result.Differences.ShouldAllBe(difference => difference.Field == field && difference.ObjectName == "Invoice__c");
        await ExecuteAsync(database, "delete from acme.invoice__c; insert into acme.invoice__c select * from acme.kept; drop table acme.kept");
    }

    // A replica made by hand: the truth itself, in tables as the contract describes them.
    private static async Task WriteReplicaAsync(Truth truth, string database)
    {
        await ExecuteAsync(database, "create schema acme");
        foreach (var (name, fields) in truth.Objects.Where(pair => pair.Value.Count > 0))
        {
            var table = $"acme.\"{name.ToLowerInvariant()}\"";
            var columns = fields.Select(field => $"\"{field.Name.ToLowerInvariant()}\" {TypeOf(field)}");
            await ExecuteAsync(database, $"""
                create table {table} (id text, _sync_deleted boolean, _sync_incomplete boolean default false,
                _sync_source text, _sync_transaction_key text, _sync_sequence integer, {string.Join(", ", columns)})
                """);
            foreach (var record in truth.Records.Where(record => record.ObjectName == name))
            {
                object?[] values = [record.Id, record.Deleted, false, "cdc", record.TransactionKey, record.Sequence, .. record.Values.Zip(fields, (v, f) => Value(v, f))];
                await ExecuteAsync(database, $"insert into {table} values ({string.Join(", ", values.Select((_, i) => $"${i + 1}"))})", values);
            }
        }
    }

    private static object? Value(object? value, TruthField field) => value is double number && !field.Name.EndsWith("tude__s", StringComparison.Ordinal) ? (decimal)number : value;

    private static string TypeOf(TruthField field) => field.Kind switch
    {
        ValueKind.Boolean => "boolean",
        ValueKind.WholeNumber => "integer",
        ValueKind.Number => field.Name.EndsWith("tude__s", StringComparison.Ordinal) ? "double precision" : "numeric",
        ValueKind.DateTime => "timestamptz",
        ValueKind.Date => "date",
        ValueKind.Time => "time",
        _ => "text"
    };

    private static async Task ExecuteAsync(string database, string sql, params object?[] values)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        await command.ExecuteNonQueryAsync();
    }
}
