using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>
/// Knows the tables of one org and makes them fit the schemas that arrive: the first event of a new schema id makes the table or adds its columns, in the
/// transaction of its rows. What it knows follows that transaction; when it is rolled back, <see cref="Forget"/> makes it read the catalog again.
/// Not safe for several threads: one writer per org.
/// </summary>
internal sealed class TableRegistry(string org, string schema, Func<string, ObjectRule> rules, ILogger logger)
{
    private readonly Dictionary<string, (ObjectTable Table, CatalogEntry Catalog)> _tables = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Object, string SchemaId), SchemaBinding?> _bindings = [];
    private bool _schemaExists;

    /// <summary>Drops all knowledge of tables and columns.</summary>
    public void Forget()
    {
        _tables.Clear();
        _bindings.Clear();
        _schemaExists = false;
    }

    /// <summary>
    /// Where the leaves of a schema go; null when the object is not copied. The first call for an object and schema id changes tables and tells through
    /// <paramref name="ask"/> what cannot be written; every other one is a look-up.
    /// </summary>
    /// <exception cref="RefusedNameException">The object or a field cannot be named in Postgres.</exception>
    /// <exception cref="PostgresException">55P03 when a reader holds the table: roll back, forget, retry.</exception>
    public async ValueTask<SchemaBinding?> BindAsync(
        NpgsqlConnection connection, string objectName, EventSchema eventSchema, DateTimeOffset now, Action<RepairRequest> ask, CancellationToken stop)
    {
        if (_bindings.TryGetValue((objectName, eventSchema.SchemaId), out var bound)) return bound;
        var rule = rules(objectName);
        var binding = rule.Include ? await MakeAsync(connection, objectName, eventSchema, rule, now, ask, stop) : null;
        _bindings.Add((objectName, eventSchema.SchemaId), binding);
        return binding;
    }

    /// <summary>
    /// Where the fields of a reading go; null when the object is not copied. Makes tables and columns as an event schema does. Not remembered: to be asked
    /// when a reading is merged first, on a registry that has just forgotten, since apply changes tables too.
    /// </summary>
    /// <exception cref="RefusedNameException">As for an event schema.</exception>
    /// <exception cref="PostgresException">As for an event schema.</exception>
    public async Task<EvidenceBinding?> BindAsync(NpgsqlConnection connection, EvidenceShape shape, DateTimeOffset now, Action<RepairRequest> ask, CancellationToken stop)
    {
        var rule = rules(shape.Object);
        if (!rule.Include) return null;
        var (table, plan, changes) = await FitAsync(connection, shape.Object, FieldRecord.FromReading, WantedColumn.Of(shape, rule), rule, now, ask, stop);
        var (columns, _) = Places(table, plan, shape.Fields.Count);
        return new(table, rule.HardDeletes, columns, changes);
    }

    private async Task<SchemaBinding> MakeAsync(
        NpgsqlConnection connection, string objectName, EventSchema eventSchema, ObjectRule rule, DateTimeOffset now, Action<RepairRequest> ask, CancellationToken stop)
    {
        var (table, plan, _) = await FitAsync(connection, objectName, eventSchema.SchemaId, WantedColumn.Of(eventSchema, rule), rule, now, ask, stop);
        var (columns, all) = Places(table, plan, eventSchema.Leaves.Count);
        return new(table, rule.HardDeletes, columns, all);
    }

    /// <summary>Makes the table hold what is wanted, as far as it can.</summary>
    private async Task<(ObjectTable Table, TablePlan Plan, bool Changes)> FitAsync(
        NpgsqlConnection connection, string objectName, string schemaId, IReadOnlyList<WantedColumn> wanted, ObjectRule rule, DateTimeOffset now,
        Action<RepairRequest> ask, CancellationToken stop)
    {
        var (table, catalog) = await TableAsync(connection, objectName, rule, stop);
        var plan = TablePlan.For(catalog, wanted);
        foreach (var reason in plan.Refused)
        {
            logger.FieldsNotWritten(org, objectName, schemaId, reason);
            ask(new(objectName, null, reason));
        }
        var changes = await ChangeTableAsync(connection, table, catalog, plan, stop);
        if (plan.Record.Count > 0)
            await FieldRecord.WriteAsync(connection, org, objectName, schemaId, now, plan.Record, stop);
        _tables[table.Name] = (table, catalog.After(plan));
        return (table, plan, changes);
    }

    private async Task<(ObjectTable Table, CatalogEntry Catalog)> TableAsync(NpgsqlConnection connection, string objectName, ObjectRule rule, CancellationToken stop)
    {
        var name = PostgresName.Of(objectName);
        if (_tables.TryGetValue(name, out var known)) return known;
        var table = new ObjectTable(objectName, schema, name);
        var catalog = await TableCatalog.ReadAsync(connection, org, table, stop);
        _schemaExists |= catalog.SchemaExists;
        var isPerson = false;
        foreach (var field in catalog.Fields.Values)
        {
            if (!rule.Copies(field.Field) || catalog.Columns?.GetValueOrDefault(field.Column) is not { } type || ColumnTypes.FromCatalog(type) is not { } columnType)
                continue;
            table.Know(field.Column, columnType);
            isPerson |= PersonName.Composed.Contains(field.Column) && field.Doc?.Contains("PersonName", StringComparison.Ordinal) == true;
        }
        if (isPerson) table.KnowPersonName();
        return _tables[name] = (table, catalog);
    }

    private async Task<bool> ChangeTableAsync(NpgsqlConnection connection, ObjectTable table, CatalogEntry catalog, TablePlan plan, CancellationToken stop)
    {
        if (catalog.Columns is null || plan.Add.Count + plan.AddSystem.Count > 0) CrashPoint.Hit(CrashPoints.ApplyBeforeSchema);
        if (!_schemaExists) await RunAsync(connection, TableDdl.CreateSchema(schema), stop);
        _schemaExists = true;
        if (catalog.Columns is null)
        {
            await RunAsync(connection, TableDdl.CreateTable(table, plan.Add), stop);
            logger.TableCreated(org, table.Object, table.Name, plan.Add.Count);
        }
        else if (plan.Add.Count + plan.AddSystem.Count > 0)
        {
            await RunAsync(connection, TableDdl.AddColumns(table, plan.Add, plan.AddSystem), stop);
            logger.ColumnsAdded(org, table.Object, table.Name, plan.Add.Count);
        }
        return catalog.Columns is null || plan.Add.Count + plan.AddSystem.Count > 0;
    }

    private static (TableColumn?[] Columns, ColumnSet All) Places(ObjectTable table, TablePlan plan, int places)
    {
        var columns = new TableColumn?[places];
        var all = new ColumnSet();
        foreach (var wanted in plan.Written)
        {
            var column = table.Know(wanted.Column, wanted.Type);
            if (wanted.Place is not { } place) continue;
            columns[place] = column;
            all.Add(column.Index);
        }
        if (plan.Written.Any(w => w.IsNamePart)) table.KnowPersonName();
        return (columns, all);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(stop);
    }
}
