using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>
/// Knows the tables of one org and makes them fit the schemas that arrive: the first event of a new schema id makes the table, adds columns, widens them, or
/// gives a field that became another a column of its own, in the transaction of its rows. What it knows follows that transaction; when it is rolled back,
/// <see cref="Forget"/> makes it read the catalog again. Not safe for several threads: one writer per org.
/// </summary>
internal sealed class TableRegistry(string org, string schema, Func<string, ObjectRule> rules, ILogger logger)
{
    private readonly Dictionary<string, (ObjectTable Table, CatalogEntry Catalog)> _tables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CurrentSchema> _current = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Object, string SchemaId), SchemaBinding?> _former = [];
    private readonly List<SchemaDrift> _drifts = [];
    private readonly HashSet<string> _askedAgain = new(StringComparer.Ordinal);
    private bool _schemaExists;

    /// <summary>Drops all knowledge of tables and columns.</summary>
    public void Forget()
    {
        _tables.Clear();
        _current.Clear();
        _former.Clear();
        _drifts.Clear();
        _schemaExists = false;
    }

    /// <summary>What the changes of schemas since the last call leave to be done in this transaction; paused objects are looked at again after it.</summary>
    public IReadOnlyList<SchemaDrift> TakeDrifts()
    {
        _askedAgain.Clear();
        if (_drifts.Count == 0) return [];
        SchemaDrift[] taken = [.. _drifts];
        _drifts.Clear();
        return taken;
    }

    /// <summary>
    /// Where the leaves of an event go; null when the object is not copied or paused. The first event of an object after another schema id changes tables;
    /// every other one is a look-up. An event of an older schema that comes late changes nothing: it is written where its fields stood.
    /// </summary>
    /// <param name="settle">Writes what has been folded so far: columns it was folded for are about to get another type.</param>
    /// <exception cref="RefusedNameException">The object or a field cannot be named in Postgres.</exception>
    /// <exception cref="PostgresException">55P03 when a reader holds the table: roll back, forget, retry.</exception>
    public async ValueTask<SchemaBinding?> BindAsync(
        NpgsqlConnection connection, ChangeEvent change, DateTimeOffset now, Func<CancellationToken, Task> settle, CancellationToken stop)
    {
        var (objectName, schemaId) = (change.Header.EntityName, change.Schema.SchemaId);
        var current = _current.GetValueOrDefault(objectName);
        if (current?.SchemaId == schemaId && !current.IsPaused) return current.Binding;
        var rule = rules(objectName);
        if (!rule.Include)
        {
            _current[objectName] = new(schemaId, 0, null, IsPaused: false);
            return null;
        }
        if (current is { IsPaused: true } && !await IsResumedAsync(connection, objectName, stop)) return null;
        if (current is { IsPaused: false } && change.Header.CommitTimestamp < current.Since && _former.ContainsKey((objectName, schemaId)))
            return _former[(objectName, schemaId)] ??= Former(objectName, change.Schema, rule);
        var (binding, isPaused) = await MakeAsync(connection, objectName, change.Schema, rule, now, settle, stop);
        _current[objectName] = new(schemaId, change.Header.CommitTimestamp, binding, isPaused);
        // Columns may be others now, so that older schemas have to be bound again.
        foreach (var key in _former.Keys.Where(k => k.Object == objectName).ToArray())
            _former[key] = null;
        _former[(objectName, schemaId)] = null;
        return binding;
    }

    /// <summary>
    /// Where the fields of a reading go; null when the object is not copied. Makes tables and columns as an event schema does. Nothing of it is remembered:
    /// to be asked of a registry that is new, since apply changes tables too, within the transaction that holds the org's row.
    /// </summary>
    /// <exception cref="RefusedNameException">As for an event.</exception>
    /// <exception cref="PostgresException">As for an event.</exception>
    public async Task<EvidenceBinding?> BindAsync(NpgsqlConnection connection, EvidenceShape shape, DateTimeOffset now, CancellationToken stop)
    {
        var rule = rules(shape.Object);
        if (!rule.Include) return null;
        var (table, catalog) = await TableAsync(connection, shape.Object, rule, stop);
        var plan = TablePlanner.Plan(catalog, WantedColumn.Of(shape, rule), leaves: null, rule.Changes);
        await TableChange.CarryOutAsync(connection, table, catalog, plan, createSchema: !_schemaExists, stop);
        if (plan.Record.Count > 0)
            await FieldRecord.WriteAsync(connection, org, shape.Object, FieldRecord.FromReading, now, plan.Record, stop);
        await FieldSight.SeenAsync(connection, org, shape.Object, shape.Fields.Select(f => f.Name), stop);
        Tell(table, catalog, plan, FieldRecord.FromReading);
        return EvidenceBinding.Of(table, shape, rule, plan, changedTable: catalog.Columns is null || plan.Add.Count + plan.AddSystem.Count + plan.Record.Count > 0);
    }

    private async Task<(SchemaBinding? Binding, bool IsPaused)> MakeAsync(
        NpgsqlConnection connection, string objectName, EventSchema eventSchema, ObjectRule rule, DateTimeOffset now, Func<CancellationToken, Task> settle,
        CancellationToken stop)
    {
        var (table, catalog) = await TableAsync(connection, objectName, rule, stop);
        var plan = TablePlanner.Plan(catalog, WantedColumn.Of(eventSchema, rule), eventSchema.Leaves, rule.Changes);
        var isPaused = catalog.IsHeld || (catalog.IsPaused && rule.Changes == SchemaChanges.Pause);
        if (isPaused || (plan.IsChange && rule.Changes == SchemaChanges.Pause && !catalog.Accepts))
        {
            if (!isPaused) Pause(objectName, eventSchema.SchemaId);
            _tables.Remove(table.Name);
            return (null, true);
        }
        if (plan.Widen.Count > 0) await settle(stop);
        await TableChange.CarryOutAsync(connection, table, catalog, plan, createSchema: !_schemaExists, stop);
        _schemaExists = true;
        if (plan.Record.Count > 0)
            await FieldRecord.WriteAsync(connection, org, objectName, eventSchema.SchemaId, now, plan.Record, stop);
        if (catalog.Accepts)
            await AcceptedAsync(connection, objectName, stop);
        Tell(table, catalog, plan, eventSchema.SchemaId);
        var after = catalog.After(plan) with { IsPaused = false };
        _tables[table.Name] = (table, after);
        return (SchemaBinding.Of(table, eventSchema, rule, plan), false);
    }

    /// <summary>A late event of an older schema: each leaf goes where its identity has a column, and what is not the field's column any more is in doubt.</summary>
    private SchemaBinding? Former(string objectName, EventSchema eventSchema, ObjectRule rule)
    {
        var (table, catalog) = _tables[PostgresName.Of(objectName)];
        return SchemaBinding.OfFormer(table, eventSchema, rule, catalog);
    }

    private void Pause(string objectName, string schemaId)
    {
        _drifts.Add(new(objectName, [], [], [], Pause: true, Resume: false));
        logger.ObjectPaused(org, objectName, schemaId);
    }

    /// <summary>Somebody may have let the change in; asked once per call of the writer.</summary>
    private async ValueTask<bool> IsResumedAsync(NpgsqlConnection connection, string objectName, CancellationToken stop)
    {
        if (!_askedAgain.Add(objectName)) return false;
        return !await TableCatalog.IsPausedAsync(connection, org, objectName, stop);
    }

    private async Task<(ObjectTable Table, CatalogEntry Catalog)> TableAsync(NpgsqlConnection connection, string objectName, ObjectRule rule, CancellationToken stop)
    {
        var name = PostgresName.Of(objectName);
        if (_tables.TryGetValue(name, out var known)) return known;
        var table = new ObjectTable(objectName, schema, name);
        var catalog = await TableCatalog.ReadAsync(connection, org, table, stop);
        // Made here it would come back empty, and nobody would know what is missing in it: DroppedTables does it when the loops begin anew.
        if (catalog.Columns is null && catalog.Fields.Any(f => f.State != FieldState.NoRoom))
            throw new InvalidOperationException($"{org}: the table {table.Quoted} was dropped or renamed while it was written; beginning anew to make it again");
        _schemaExists |= catalog.SchemaExists;
        var isPerson = false;
        foreach (var field in catalog.Fields)
        {
            if (!rule.Copies(field.Field) || catalog.Columns?.GetValueOrDefault(field.Column) is not { } type || ColumnTypes.FromCatalog(type) is not { } columnType)
                continue;
            table.Know(field.Column, columnType);
            isPerson |= PersonName.Composed.Contains(field.Column) && field.Doc?.Contains("PersonName", StringComparison.Ordinal) == true;
        }
        if (isPerson) table.KnowPersonName();
        return _tables[name] = (table, catalog);
    }

    private async Task AcceptedAsync(NpgsqlConnection connection, string objectName, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("update salesforce_sync.object set accepts = false where org = $1 and object = $2", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = org }, new NpgsqlParameter<string> { TypedValue = objectName } },
        };
        await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Says what happened, and leaves word of what has to follow.</summary>
    private void Tell(ObjectTable table, CatalogEntry catalog, TablePlan plan, string schemaId)
    {
        var name = table.Object;
        if (catalog.Columns is null) logger.TableCreated(org, name, table.Name, plan.Add.Count);
        else if (plan.Add.Count + plan.AddSystem.Count > 0) logger.ColumnsAdded(org, name, table.Name, plan.Add.Count);
        foreach (var (column, type) in plan.Widen)
            logger.ColumnWidened(org, name, column, type.Sql(), catalog.Rows);
        foreach (var field in plan.Record)
        {
            if (field.State == FieldState.Replaced) logger.FieldReplaced(org, name, field.Field, field.Column, field.ReplacedBy!, field.Reason!);
            else if (field.IsRemoved) logger.FieldRemoved(org, name, field.Field, field.Column);
        }
        foreach (var (field, reason) in plan.Frozen)
            logger.FieldFrozen(org, name, field, reason);
        if (plan.NoRoom.Count > 0) logger.FieldsWithoutRoom(org, name, schemaId, plan.NoRoom.Count);
        var drift = new SchemaDrift(name, catalog.Columns is null ? [] : plan.Fill, plan.Stale, plan.Frozen, Pause: false, Resume: catalog.IsPaused);
        if (!drift.IsEmpty || plan.IsChange) _drifts.Add(drift);
    }

    /// <summary>The schema an object's events come with now.</summary>
    /// <param name="Since">Salesforce's time of the first event that had it.</param>
    private sealed record CurrentSchema(string SchemaId, long Since, SchemaBinding? Binding, bool IsPaused);
}
