using Npgsql;

namespace SalesforceSync.Apply;

/// <summary>A field as it was recorded when its column was made or last met.</summary>
internal sealed record RecordedField(string Field, string Column, string? Doc, string? FieldId);

/// <summary>What Postgres has of one object: read once per object, before anything of it is written.</summary>
/// <param name="SchemaExists">The org's schema exists.</param>
/// <param name="Columns">Name and type as <c>format_type</c> prints it; null when there is no table.</param>
/// <param name="Attributes">Columns ever made, dropped ones too: they keep counting against Postgres' limit.</param>
/// <param name="Fields">What <c>salesforce_sync.field</c> says of the object, by field.</param>
internal sealed record CatalogEntry(bool SchemaExists, Dictionary<string, string>? Columns, int Attributes, Dictionary<string, RecordedField> Fields)
{
    /// <summary>The same after the plan was carried out.</summary>
    public CatalogEntry After(TablePlan plan)
    {
        var columns = new Dictionary<string, string>(Columns ?? new() { [SystemColumns.Id] = ColumnType.Text.Sql() });
        var made = Columns is null ? SystemColumns.All : plan.AddSystem;
        foreach (var (name, definition) in made)
            columns.TryAdd(name, definition);
        foreach (var (name, type) in plan.Add)
            columns.TryAdd(name, type.Sql());
        var fields = new Dictionary<string, RecordedField>(Fields, StringComparer.OrdinalIgnoreCase);
        foreach (var field in plan.Record)
            fields[field.Field] = new(field.Field, field.Column, field.Doc, field.FieldId ?? Fields.GetValueOrDefault(field.Field)?.FieldId);
        return new(true, columns, Columns is null ? columns.Count : Attributes + plan.Add.Count + plan.AddSystem.Count, fields);
    }
}

internal static class TableCatalog
{
    private const string SchemaExists = "select exists (select from pg_catalog.pg_namespace where nspname = $1)";

    private const string Columns = """
        select c.relkind in ('r', 'p'), c.relnatts::integer, a.attname::text, format_type(a.atttypid, a.atttypmod)
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where n.nspname = $1 and c.relname = $2
        """;

    private const string Fields = """
        select field, "column", doc, field_id from salesforce_sync.field where org = $1 and object = $2
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
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(stop);
        await reader.ReadAsync(stop);
        var schemaExists = reader.GetBoolean(0);
        await reader.NextResultAsync(stop);
        var (columns, attributes) = await ColumnsAsync(reader, org, table, stop);
        await reader.NextResultAsync(stop);
        var fields = new Dictionary<string, RecordedField>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadAsync(stop))
            fields[reader.GetString(0)] = new(reader.GetString(0), reader.GetString(1), Text(reader, 2), Text(reader, 3));
        return new(schemaExists, columns, attributes, fields);
    }

    private static async Task<(Dictionary<string, string>? Columns, int Attributes)> ColumnsAsync(
        NpgsqlDataReader reader, string org, ObjectTable table, CancellationToken stop)
    {
        Dictionary<string, string>? columns = null;
        var attributes = 0;
        while (await reader.ReadAsync(stop))
        {
            if (!reader.GetBoolean(0)) throw NotOurs(org, table);
            columns ??= [];
            attributes = reader.GetInt32(1);
            if (!reader.IsDBNull(2)) columns.Add(reader.GetString(2), reader.GetString(3));
        }
        if (columns is not null && columns.GetValueOrDefault(SystemColumns.Id) != ColumnType.Text.Sql()) throw NotOurs(org, table);
        return (columns, attributes);
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
