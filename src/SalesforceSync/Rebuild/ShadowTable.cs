using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Apply;
using SalesforceSync.Database;

namespace SalesforceSync.Rebuild;

/// <summary>
/// The table that is made anew beside the one in use, inside one transaction that nobody sees into. It has rows of <c>salesforce_sync.field</c> of its own,
/// under a name no org can have, so that changes of schema are replayed as they came.
/// </summary>
internal sealed class ShadowTable(NpgsqlConnection connection, string org, string schema, string objectName)
{
    public const string Schema = "salesforce_sync_shadow";

    public const string ImageSchema = "salesforce_sync_image";

    private const string CopyFields = """
        insert into salesforce_sync.field select (jsonb_populate_record(null::salesforce_sync.field, f || jsonb_build_object('org', $1::text))).*
        from jsonb_array_elements($2::jsonb) as f
        """;

    // A column that only a reading brought: events will find it as they found it then.
    private const string KnowColumn = """
        insert into salesforce_sync.field (org, object, field, "column", type, schema_id, streamed)
        select $1, object, field, "column", type, 'reading', false from salesforce_sync.field where org = $2 and object = $3 and "column" = $4
        on conflict do nothing
        """;

    private const string TypesOf = """
        select a.attname::text, format_type(a.atttypid, a.atttypmod) from pg_catalog.pg_attribute a
        where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attnum
        """;

    private const string OursOf = """select "column" from salesforce_sync.field where org = $1 and object = $2""";

    private readonly string _name = PostgresName.Of(objectName);

    /// <summary>Stands for the org while its inputs are replayed.</summary>
    public string Org { get; } = $"{org}\u0001rebuild";

    private bool _isLimited;

    private string Shadow => Sql.Quote(Schema, _name);

    private string Table => Sql.Quote(schema, _name);

    /// <summary>Makes it from a kept copy; from nothing the replay makes it.</summary>
    public async Task MakeAsync(KeptImage image, CancellationToken stop)
    {
        await RunAsync(CopyFields, stop, Text(Org), Text(image.Fields));
        if (image.Table is not { } kept)
            return;
        var copy = Sql.Quote(ImageSchema, kept);
        var columns = await TypesAsync(copy, stop);
        if (columns.Count == 0)
            throw new RebuildRefusedException($"{org}: the kept copy of {objectName} ({copy}) is gone: have it read again with snapshot --object {objectName}");
        await MakeEmptyAsync([.. columns.Where(c => c.Key != SystemColumns.Id && !SystemColumns.Contains(c.Key))], stop);
        var list = List(columns.Keys);
        await RunAsync($"insert into {Shadow} ({list}) select {list} from {copy}", stop);
        await RunAsync($"analyze {Shadow}", stop);
    }

    private async Task MakeEmptyAsync(IReadOnlyList<KeyValuePair<string, string>> columns, CancellationToken stop)
    {
        await RunAsync(TableDdl.CreateTable(new ObjectTable(objectName, Schema, _name), []), stop);
        foreach (var piece in columns.Chunk(200))
            await RunAsync($"alter table {Shadow} {string.Join(", ", piece.Select(c => AddColumn(c.Key, c.Value)))}", stop);
    }

    /// <summary>Writes what the merge with this number made of its records; returns how many, and whether whoever knows the table has to look again.</summary>
    public async Task<(int Rows, bool Learned)> PatchAsync(long number, CancellationToken stop)
    {
        var types = await TypesAsync(Shadow, stop);
        var learned = types.Count == 0;
        if (learned)
        {
            await MakeEmptyAsync([], stop);
            types = await TypesAsync(Shadow, stop);
        }
        var inUse = await TypesAsync(Table, stop);
        var written = await ListAsync(
            "select distinct k from salesforce_sync.read_row r, jsonb_object_keys(r.columns) k where r.org = $1 and r.object = $2 and r.number = $3", stop, Text(org), Text(objectName),
            Number(number));
        foreach (var column in written.Where(c => !types.ContainsKey(c)))
        {
            if (inUse.GetValueOrDefault(column) is not { } type)
                throw new RebuildRefusedException($"{org}: a reading wrote column {column} of {objectName}, which is gone: have it read again with snapshot --object {objectName}");
            await RunAsync($"alter table {Shadow} {AddColumn(column, type)}", stop);
            await RunAsync(KnowColumn, stop, Text(Org), Text(org), Text(objectName), Text(column));
            types[column] = type;
            learned = true;
        }
        var rows = await RunAsync(PatchSql([.. written.Select(c => (c, types[c]))]), stop, Text(org), Text(objectName), Number(number));
        return (rows, learned);
    }

    private string PatchSql(IReadOnlyList<(string Name, string Type)> columns) => $"""
        merge into {Shadow} t using (
            select record_id, becomes, columns from salesforce_sync.read_row where org = $1 and object = $2 and number = $3) p on t.id = p.record_id
        when matched and p.becomes = 'gone' then delete
        when matched then update set {string.Concat(columns.Select(c =>
            $"{Sql.Quote(c.Name)} = case when p.columns ? {Sql.Literal(c.Name)} then {Value(c)} else t.{Sql.Quote(c.Name)} end, "))}
            _sync_event = $3, _sync_applied_at = now(), _sync_deleted = case p.becomes when 'deleted' then true when 'live' then false else t._sync_deleted end
        when not matched and p.becomes <> 'gone' then insert (id, {string.Concat(columns.Select(c => $"{Sql.Quote(c.Name)}, "))} _sync_event, _sync_applied_at, _sync_deleted)
            values (p.record_id, {string.Concat(columns.Select(c => c.Type == "boolean" && SystemColumns.Contains(c.Name) ? $"coalesce({Value(c)}, false), " : $"{Value(c)}, "))} $3, now(), p.becomes = 'deleted')
        """;

    private static string Value((string Name, string Type) column) => $"(p.columns ->> {Sql.Literal(column.Name)})::{column.Type}";

    /// <param name="type">As Postgres or <see cref="ColumnType"/> writes it.</param>
    private static string AddColumn(string column, string type) => $"add column {Sql.Quote(column)} {type}";

    /// <summary>Gives both tables the same columns, as far as they are ours. Returns those the table in use lacked, which is made if it is gone.</summary>
    public async Task<int> AlignAsync(bool writes, CancellationToken stop)
    {
        var shadow = await TypesAsync(Shadow, stop);
        if (shadow.Count == 0)
        {
            await MakeEmptyAsync([], stop);
            shadow = await TypesAsync(Shadow, stop);
        }
        var ours = (await ListAsync(OursOf, stop, Text(org), Text(objectName))).ToHashSet(StringComparer.Ordinal);
        var inUse = await TypesAsync(Table, stop);
        if (inUse.Count == 0)
        {
            if (!writes)
                throw new RebuildRefusedException($"{org}: there is no table {Table} to compare with: rebuild --object {objectName} makes it");
            await RunAsync(TableDdl.CreateTable(new ObjectTable(objectName, schema, _name), []), stop);
            inUse = await TypesAsync(Table, stop);
        }
        foreach (var (column, type) in inUse.Where(c => ours.Contains(c.Key)))
        {
            if (!shadow.TryGetValue(column, out var made))
                await RunAsync($"alter table {Shadow} {AddColumn(column, type)}", stop);
            else if (made != type)
                await RunAsync($"alter table {Shadow} alter column {Sql.Quote(column)} type {type} using {Sql.Quote(column)}::text::{type}", stop);
        }
        var lacking = shadow.Where(c => !inUse.ContainsKey(c.Key)).ToList();
        foreach (var (column, type) in lacking)
        {
            if (writes)
                await RunAsync($"alter table {Table} add column if not exists {Sql.Quote(column)} {type}{(type == "boolean" && SystemColumns.Contains(column) ? " not null default false" : "")}", stop);
            else
                await RunAsync($"alter table {Shadow} drop column {Sql.Quote(column)}", stop);
        }
        return lacking.Count;
    }

    /// <summary>Makes room for the ids of the only records whose rows are compared and written from now on.</summary>
    public async Task LimitAsync(CancellationToken stop)
    {
        await RunAsync("""create temp table rebuild_told (id text collate "C" primary key) on commit drop""", stop);
        _isLimited = true;
    }

    /// <summary>Notes the records whose rows differ, of all or of those given; of no others than it is limited to.</summary>
    public async Task NoteDifferencesAsync(IReadOnlyCollection<string>? only, CancellationToken stop)
    {
        var columns = (await ComparedAsync(stop)).Where(c => c != SystemColumns.Id).Select(Sql.Quote).ToList();
        string Row(string table) => string.Join(", ", columns.Select(quoted => $"{table}.{quoted}"));
        string[] limits = [.. only is null ? Array.Empty<string>() : ["id = any($1)"], .. _isLimited ? ["id in (select l.id from pg_temp.rebuild_told l)"] : Array.Empty<string>()];
        var ids = limits.Length == 0 ? "" : $"where {string.Join(" and ", limits)}";
        if (only is null)
        {
            await RunAsync($"analyze {Shadow}", stop);
            if (_isLimited)
                await RunAsync("analyze pg_temp.rebuild_told", stop);
            await RunAsync("""create temp table rebuild_differs (id text collate "C" primary key, what text) on commit drop""", stop);
        }
        else
        {
            // What was different before may have become equal, and the other way round.
            await RunAsync("delete from pg_temp.rebuild_differs where id = any($1)", stop, Texts(only));
        }
        await RunAsync(
            $"""
            insert into pg_temp.rebuild_differs (id, what)
            select coalesce(s.id, t.id), case when s.id is null then 'extra' when t.id is null then 'missing' else 'changed' end
            from (select * from {Shadow} {ids}) s full join (select * from {Table} {ids}) t on t.id = s.id
            where s.id is null or t.id is null or row({Row("s")}) is distinct from row({Row("t")})
            """,
            stop, only is null ? [] : [Texts(only)]);
    }

    public Task<IReadOnlyList<string>> DifferingAsync(CancellationToken stop) => ListAsync("select id from pg_temp.rebuild_differs", stop);

    public async Task<(long Changed, long Missing, long Extra)> CountAsync(CancellationToken stop)
    {
        await using var count = Command(
            "select count(*) filter (where what = 'changed'), count(*) filter (where what = 'missing'), count(*) filter (where what = 'extra') from pg_temp.rebuild_differs");
        await using var row = await count.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }

    /// <summary>Writes the rows that differ. Grants, views, indexes and publications of the table stay: it is the same table.</summary>
    public async Task WriteAsync(CancellationToken stop)
    {
        var columns = (await ComparedAsync(stop)).Append("_sync_applied_at").ToList();
        var list = List(columns);
        await RunAsync($"delete from {Table} t using pg_temp.rebuild_differs d where d.what <> 'changed' and t.id = d.id", stop);
        await RunAsync($"insert into {Table} ({list}) select {list} from {Shadow} where id in (select id from pg_temp.rebuild_differs where what = 'missing')", stop);
        var others = columns.Where(c => c != SystemColumns.Id).Select(Sql.Quote).ToList();
        await RunAsync(
            $"update {Table} t set {string.Join(", ", others.Select(quoted => $"{quoted} = s.{quoted}"))} from {Shadow} s, pg_temp.rebuild_differs d where d.what = 'changed' and s.id = d.id and t.id = d.id",
            stop);
    }

    public async Task<long> RowsAsync(CancellationToken stop)
    {
        await using var count = Command($"select count(*) from {Shadow}");
        return (long)(await count.ExecuteScalarAsync(stop))!;
    }

    /// <summary>Leaves nothing behind.</summary>
    public async Task DropAsync(CancellationToken stop)
    {
        await RunAsync($"drop table if exists {Shadow}", stop);
        await RunAsync("delete from salesforce_sync.field where org = $1", stop, Text(Org));
    }

    /// <summary>All of the shadow's columns but when a row was written; both tables have them.</summary>
    private async Task<IReadOnlyList<string>> ComparedAsync(CancellationToken stop) => [.. (await TypesAsync(Shadow, stop)).Keys.Where(c => c != "_sync_applied_at")];

    private async Task<Dictionary<string, string>> TypesAsync(string table, CancellationToken stop)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var command = Command(TypesOf, Text(table));
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            types.Add(row.GetString(0), row.GetString(1));
        return types;
    }

    private async Task<IReadOnlyList<string>> ListAsync(string sql, CancellationToken stop, params NpgsqlParameter[] parameters)
    {
        var list = new List<string>();
        await using var command = Command(sql, parameters);
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            list.Add(row.GetString(0));
        return list;
    }

    private async Task<int> RunAsync(string sql, CancellationToken stop, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(sql, parameters);
        command.CommandTimeout = 0;
        return await command.ExecuteNonQueryAsync(stop);
    }

    private NpgsqlCommand Command(string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static string List(IEnumerable<string> columns) => string.Join(", ", columns.Select(Sql.Quote));

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Texts(IEnumerable<string> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Number(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };
}
