using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Database;

namespace SalesforceSync.Apply;

/// <summary>
/// Tables and columns of the copy that somebody has dropped or renamed. They are made again, empty, and with them, in one transaction, a gap of the object,
/// so that it is read whole: a table that merely came back would lack every record that does not change, and nobody would know.
/// </summary>
/// <remarks>Asked whenever a pipeline begins: what is missing fails the first statement that needs it, and that begins the pipeline anew.</remarks>
internal sealed class DroppedTables(NpgsqlDataSource source, Ownership ownership, string schema, Func<string, ObjectRule> rules, ILogger logger)
{
    private const string Objects = "select distinct object from salesforce_sync.field where org = $1 and state <> 'no_room'";

    // The column of a field that is gone or became another may go; with its whole table it comes back, as everything the table had.
    private const string Missing = """
        with table_of as (
            select o.object, c.oid from unnest($2, $3) as o (object, name)
            left join pg_class c on c.relname = o.name and c.relnamespace = (select oid from pg_namespace where nspname = $4)),
        known as (
            select object, field, "column", type, state = 'replaced' or removed_at is not null as idle from salesforce_sync.field
            where org = $1 and state <> 'no_room'
            union all
            select t.object, null, s.name, s.definition, false from table_of t, unnest($5, $6) as s (name, definition))
        select k.object, k.field, k."column", k.type, t.oid is null, not exists (select from pg_namespace where nspname = $4) from known k join table_of t using (object)
        where not exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = k."column" and a.attnum > 0 and not a.attisdropped)
            and (t.oid is null or not k.idle)
        order by k.object, k."column"
        """;

    private const string Restart = """
        update salesforce_sync.read set stale = 'its table was dropped' where org = $1 and object = $2 and state in ('reading', 'merging')
        """;

    private const string OpenGap = """
        insert into salesforce_sync.coverage (org, object, state, from_event, evidence)
        values ($1, $2, 'gap', 0, jsonb_build_object('reason', 'dropped'))
        """;

    /// <exception cref="OwnershipLostException">Another process owns the org.</exception>
    public async Task MakeAgainAsync(CancellationToken stop)
    {
        await using var org = await OrgTransaction.BeginAsync(source, ownership, takesNumber: false, stop);
        var dropped = await FindAsync(org, stop);
        if (dropped.Any(column => column.WithSchema)) await org.RunAsync(TableDdl.CreateSchema(schema), [], stop);
        foreach (var columns in dropped.GroupBy(column => column.Object))
            await MakeAgainAsync(org, columns.Key, [.. columns], stop);
        await org.CommitAsync();
    }

    private async Task<List<DroppedColumn>> FindAsync(OrgTransaction org, CancellationToken stop)
    {
        var objects = new List<string>();
        await using (var known = org.Command(Objects, Text(ownership.Org)))
        await using (var row = await known.ExecuteReaderAsync(stop))
            while (await row.ReadAsync(stop))
                objects.Add(row.GetString(0));
        objects.RemoveAll(name => !rules(name).Include);
        await using var find = org.Command(
            Missing, Text(ownership.Org), Texts(objects), Texts(objects.Select(PostgresName.Of)),
            Text(schema), Texts(SystemColumns.All.Select(c => c.Name)), Texts(SystemColumns.All.Select(c => c.Definition)));
        var missing = new List<DroppedColumn>();
        await using var column = await find.ExecuteReaderAsync(stop);
        while (await column.ReadAsync(stop))
            missing.Add(new(column.GetString(0), column.IsDBNull(1) ? null : column.GetString(1), column.GetString(2), column.GetString(3), column.GetBoolean(4), column.GetBoolean(5)));
        // So may that of a field that is left out.
        missing.RemoveAll(c => !c.WithTable && c.Field is { } field && !rules(c.Object).Copies(field));
        return missing;
    }

    private async Task MakeAgainAsync(OrgTransaction org, string objectName, IReadOnlyList<DroppedColumn> columns, CancellationToken stop)
    {
        var table = new ObjectTable(objectName, schema, PostgresName.Of(objectName));
        var fields = columns.Where(c => c.Field is not null).Select(c => (c.Column, ColumnTypes.FromCatalog(c.Type) ?? ColumnType.Text)).ToList();
        var system = columns.Where(c => c.Field is null).Select(c => (c.Column, c.Type)).ToList();
        var isWhole = columns[0].WithTable;
        await org.RunAsync(isWhole ? TableDdl.CreateTable(table, fields) : TableDdl.AddColumns(table, fields, system), [], stop);
        await org.RunAsync(Restart, [Text(ownership.Org), Text(objectName)], stop);
        await org.RunAsync(OpenGap, [Text(ownership.Org), Text(objectName)], stop);
        if (isWhole) logger.TableDropped(ownership.Org, objectName, table.Name);
        else logger.ColumnsDropped(ownership.Org, objectName, table.Name, string.Join(", ", columns.Select(c => c.Column)));
    }

    private static NpgsqlParameter Text(string value) => OrgTransaction.Value(value, NpgsqlDbType.Text);

    private static NpgsqlParameter Texts(IEnumerable<string> values) => OrgTransaction.Value(values.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);

    /// <param name="Field">Null for a system column.</param>
    /// <param name="Type">As the catalog prints it; the definition of a system column.</param>
    /// <param name="WithTable">The whole table is gone.</param>
    /// <param name="WithSchema">The schema too.</param>
    private sealed record DroppedColumn(string Object, string? Field, string Column, string Type, bool WithTable, bool WithSchema);
}
