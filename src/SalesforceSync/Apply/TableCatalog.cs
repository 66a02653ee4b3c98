using Npgsql;

namespace SalesforceSync.Apply;

/// <summary>What Postgres has of one object: read once per object, before anything of it is written.</summary>
/// <param name="SchemaExists">The org's schema exists.</param>
/// <param name="Columns">Name and type as <c>format_type</c> prints it; null when there is no table.</param>
/// <param name="Attributes">Columns ever made, dropped ones too: they keep counting against Postgres' limit.</param>
/// <param name="Rows">How many there are, as Postgres estimates; -1 when it has never counted.</param>
/// <param name="Fields">What <c>salesforce_sync.field</c> says of the object.</param>
/// <param name="IsPaused">The object is paused.</param>
/// <param name="IsHeld">By a person, whatever the policy for changes of its fields.</param>
/// <param name="Accepts">A person let the changes in for which it was paused.</param>
internal sealed record CatalogEntry(
    bool SchemaExists, Dictionary<string, string>? Columns, int Attributes, long Rows, IReadOnlyList<FieldRecord> Fields, bool IsPaused, bool IsHeld, bool Accepts)
{
    /// <summary>The row that counts, by field.</summary>
    public IReadOnlyDictionary<string, FieldRecord> Current { get; } =
        Fields.Where(f => f.State != FieldState.Replaced).ToDictionary(f => f.Field, StringComparer.OrdinalIgnoreCase);

    /// <summary>An event schema has been seen before.</summary>
    public bool HasStreamed { get; } = Columns is not null && Fields.Any(f => f.IsStreamed);

    /// <summary>The same after the plan was carried out.</summary>
    public CatalogEntry After(TablePlan plan)
    {
        var columns = new Dictionary<string, string>(Columns ?? new() { [SystemColumns.Id] = ColumnType.Text.Sql() });
        var made = Columns is null ? SystemColumns.All : plan.AddSystem;
        foreach (var (name, definition) in made)
            columns.TryAdd(name, definition);
        foreach (var (name, type) in plan.Add.Concat(plan.Widen))
            columns[name] = type.Sql();
        var fields = Fields.ToDictionary(f => f.Column);
        foreach (var field in plan.Record)
        {
            var before = fields.GetValueOrDefault(field.Column);
            fields[field.Column] = field with { Doc = field.Doc ?? before?.Doc, FieldId = field.FieldId ?? before?.FieldId, IsStreamed = field.IsStreamed || before?.IsStreamed == true, IsHidden = before?.IsHidden == true };
        }
        return new(true, columns, Columns is null ? columns.Count : Attributes + plan.Add.Count + plan.AddSystem.Count, Rows, [.. fields.Values], IsPaused, IsHeld, false);
    }
}

internal static class TableCatalog
{
    private const string SchemaExists = "select exists (select from pg_catalog.pg_namespace where nspname = $1)";

    private const string Columns = """
        select c.relkind in ('r', 'p'), c.relnatts::integer, a.attname::text, format_type(a.atttypid, a.atttypmod), c.reltuples::bigint
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where n.nspname = $1 and c.relname = $2
        """;

    private const string Fields = """
        select field, "column", type, doc, field_id, state, reason, replaced_by, removed_at is not null, streamed, hidden_at is not null
        from salesforce_sync.field where org = $1 and object = $2
        """;

    private const string Object = $"""
        select state = 'paused', accepts, state = 'paused' and state_reason is distinct from '{DriftRows.PausedBySchema}'
        from salesforce_sync.object where org = $1 and object = $2
        """;

    /// <exception cref="InvalidOperationException">Something else has the table's name.</exception>
    public static async Task<CatalogEntry> ReadAsync(NpgsqlConnection connection, string org, ObjectTable table, CancellationToken stop)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Command(SchemaExists, table.Schema),
                Command(Columns, table.Schema, table.Name),
                Command(Fields, org, table.Object),
                Command(Object, org, table.Object),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(stop);
        await reader.ReadAsync(stop);
        var schemaExists = reader.GetBoolean(0);
        await reader.NextResultAsync(stop);
        var (columns, attributes, rows) = await ColumnsAsync(reader, org, table, stop);
        await reader.NextResultAsync(stop);
        var fields = new List<FieldRecord>();
        while (await reader.ReadAsync(stop))
            fields.Add(Field(reader));
        await reader.NextResultAsync(stop);
        var (isPaused, accepts, isHeld) = await reader.ReadAsync(stop) ? (reader.GetBoolean(0), reader.GetBoolean(1), reader.GetBoolean(2)) : (false, false, false);
        return new(schemaExists, columns, attributes, rows, fields, isPaused, isHeld, accepts);
    }

    /// <summary>Whether an object is paused.</summary>
    public static async Task<bool> IsPausedAsync(NpgsqlConnection connection, string org, string objectName, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(Object, connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = org }, new NpgsqlParameter<string> { TypedValue = objectName } },
        };
        return await command.ExecuteScalarAsync(stop) is true;
    }

    private static FieldRecord Field(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetString(2), Text(reader, 3), Text(reader, 4), FieldStates.Of(reader.GetString(5)), Text(reader, 6),
        Text(reader, 7), reader.GetBoolean(8), reader.GetBoolean(9), reader.GetBoolean(10));

    private static async Task<(Dictionary<string, string>? Columns, int Attributes, long Rows)> ColumnsAsync(
        NpgsqlDataReader reader, string org, ObjectTable table, CancellationToken stop)
    {
        Dictionary<string, string>? columns = null;
        var (attributes, rows) = (0, 0L);
        while (await reader.ReadAsync(stop))
        {
            if (!reader.GetBoolean(0)) throw NotOurs(org, table);
            columns ??= [];
            (attributes, rows) = (reader.GetInt32(1), reader.GetInt64(4));
            if (!reader.IsDBNull(2)) columns.Add(reader.GetString(2), reader.GetString(3));
        }
        if (columns is not null && columns.GetValueOrDefault(SystemColumns.Id) != ColumnType.Text.Sql()) throw NotOurs(org, table);
        return (columns, attributes, rows);
    }

    private static InvalidOperationException NotOurs(string org, ObjectTable table) =>
        new($"{org}: {table.Quoted} exists and is no table with an id of type text: move it away, or give Orgs:{org}:Schema another name");

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<string> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        return command;
    }
}
