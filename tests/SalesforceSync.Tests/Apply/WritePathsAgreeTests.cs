using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply;

/// <summary>
/// The same random changes by single statements, by the stage table, by both in turn, and by a model that applies them one after another: rows and repairs
/// must be equal after every call. Few records, so that folds, tombstones and stubs meet often.
/// </summary>
public class WritePathsAgreeTests
{
    private const int Records = 12;

    private static readonly EventSchema[] Accounts =
    [
        new TestSchema("Account").SwitchableName("Salutation", "FirstName", "LastName").Text("Industry").Field("Employees", "\"int\"", "Data:Integer").Build("a1"),
        new TestSchema("Account").SwitchableName("Salutation", "FirstName", "LastName", "MiddleName").Text("Industry", "Late__c")
            .Field("Employees", "\"int\"", "Data:Integer").Field("Revenue", "\"double\"", "Data:Currency").Build("a2"),
    ];

    private static readonly EventSchema[] Contacts =
    [
        new TestSchema("Contact").PersonName("FirstName", "LastName").Text([.. Enumerable.Range(0, 70).Select(i => $"Wide{i}__c")]).Build("c1"),
        new TestSchema("Contact").PersonName("Salutation", "FirstName", "LastName", "Suffix").Field("Flag__c", "\"boolean\"", "Data:Boolean").Build("c2"),
    ];

    [PostgresTheory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task Both_write_paths_and_a_plain_model_end_with_the_same_rows_and_repairs(int seed, bool hardDeletes)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var random = new Random(seed);
        var rule = new ObjectRule(HardDeletes: hardDeletes);
        for (var round = 0; round < 4; round++)
        {
            var (single, staged, both) = ($"single{round}", $"staged{round}", $"both{round}");
            var writers = new[]
            {
                (Schema: single, Writer: RowsDatabase.Writer(RowsDatabase.Single, single, rule)),
                (Schema: staged, Writer: RowsDatabase.Writer(RowsDatabase.Staged, staged, rule)),
                (Schema: both, Writer: RowsDatabase.Writer(6, both, rule)),
            };
            var models = new Dictionary<string, RowModel> { ["Account"] = new(hardDeletes), ["Contact"] = new(hardDeletes) };
            for (var call = 0; call < 10; call++)
            {
                var changes = Enumerable.Range(0, random.Next(1, 25)).Select(_ => Change(random, round)).ToList();
                foreach (var model in models.Values) model.Repairs.Clear();
                foreach (var change in changes) models[change.Event.Header.EntityName].Apply(change);
                var expected = models.Values.SelectMany(m => m.Repairs).ToHashSet();
                foreach (var (schema, writer) in writers)
                {
                    var outcome = await database.WriteAsync(writer, changes);
                    outcome.Repairs.ToHashSet().ShouldBe(expected, ignoreOrder: true, $"seed {seed} round {round} call {call} {schema}");
                    if (random.Next(6) == 0) writer.Forget();
                }
            }
            foreach (var (schema, _) in writers)
            {
                foreach (var (entity, model) in models)
                    await CompareAsync(database, schema, entity, model, $"seed {seed} round {round} {schema} {entity}");
            }
        }
    }

    private static async Task CompareAsync(RowsDatabase database, string schema, string entity, RowModel model, string where)
    {
        var rows = await database.RowsAsync(entity.ToLowerInvariant(), schema);
        rows.Keys.ShouldBe(model.Rows.Keys, ignoreOrder: true, where);
        foreach (var (id, expected) in model.Rows)
        {
            foreach (var (column, value) in rows[id])
            {
                if (column is "id" or "_sync_source" or "_sync_commit_at" or "_sync_commit_number" or "_sync_sequence" or "_sync_applied_at") continue;
                value.ShouldBe(expected.GetValueOrDefault(column), $"{where} {id} {column}");
            }
        }
    }

    private static NumberedChange Change(Random random, int round)
    {
        var isAccount = random.Next(2) == 0;
        // The second schema comes later, and after that both are in use, as with servers that learn of a change at different times.
        var schemas = isAccount ? Accounts : Contacts;
        var schema = schemas[round == 0 ? 0 : random.Next(schemas.Length)];
        var entity = new TestChanges(isAccount ? "Account" : "Contact");
        var ids = Enumerable.Range(0, random.Next(10) == 0 ? 3 : 1).Select(_ => $"{(isAccount ? "001" : "003")}{random.Next(Records):d2}").Distinct().ToList();
        var kind = random.Next(10) switch { 0 or 1 => ChangeKind.Create, 2 or 3 => ChangeKind.Delete, 4 => ChangeKind.Undelete, _ => ChangeKind.Update };
        return entity.Change(kind, schema, ids, kind == ChangeKind.Delete ? [] : Writes(random, schema, kind != ChangeKind.Update));
    }

    private static List<FieldWrite> Writes(Random random, EventSchema schema, bool full)
    {
        var writes = new List<FieldWrite>();
        var isBusiness = random.Next(2) == 0;
        var few = random.Next(3) == 0 ? 0.8 : 0.15;
        foreach (var leaf in schema.Leaves)
        {
            if (random.NextDouble() > few) continue;
            // An account's name is either whole or in parts, as the union of its schema says.
            if (schema.Leaves[0].NameRole == NameRole.Whole && leaf.NameRole != NameRole.None && (leaf.NameRole == NameRole.Whole) != isBusiness) continue;
            var canBeNull = !full && leaf.NameRole != NameRole.Whole;
            writes.Add(new(leaf, canBeNull && random.Next(4) == 0 ? FieldValue.Null : Random(random, leaf.Type)));
        }
        return writes;
    }

    private static FieldValue Random(Random random, FieldType type) => type switch
    {
        FieldType.Text => Value.Of($"t{random.Next(1000)}"),
        FieldType.Boolean => FieldValue.Of(random.Next(2) == 0),
        FieldType.Numeric => Value.Of(random.Next(-1000, 1000) / 8d),
        _ => Value.Of(random.Next(-1000, 1000)),
    };
}
