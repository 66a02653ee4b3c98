using SalesforceSync.Database;

namespace SalesforceSync.Apply;

/// <summary>
/// The statements of a stage table: a temporary table with every column of its target, a mask that says which of them a row writes, and what the row becomes.
/// Its texts depend on the table alone, not on the columns a change touches, so they are prepared once per table version.
/// </summary>
internal sealed class StageSql
{
    private readonly ObjectTable _table;
    private readonly int _words;

    public StageSql(ObjectTable table, string stage)
    {
        (_table, _words, Version) = (table, ColumnSet.WordsFor(table.Columns.Count), table.Version);
        Columns = table.Columns.Count;
        var name = Sql.Quote(stage);
        Create = $"""
            create temp table {name} (id text collate "C" not null, {List(c => $"c{c.Index} {c.Type.Sql()}, ")}{Words(i => $"m{i} bigint not null, ")}
                call bigint not null, event bigint not null, deleted boolean not null, absent_incomplete boolean, live_incomplete boolean,
                tombstone_incomplete boolean, asks boolean not null, commit_at timestamptz, commit_number bigint, transaction_key text, sequence integer)
            """;
        Drop = $"drop table if exists pg_temp.{name}";
        Empty = $"truncate pg_temp.{name}";
        Copy = $"""
            copy pg_temp.{name} (id, {List(c => $"c{c.Index}, ")}{Words(i => $"m{i}, ")}call, event, deleted, absent_incomplete, live_incomplete,
                tombstone_incomplete, asks, commit_at, commit_number, transaction_key, sequence) from stdin (format binary)
            """;
        Found = $"""
            select s.id, t.id is null from pg_temp.{name} s left join {table.Quoted} t on t.id = s.id
            where s.call = $1 and s.asks and (t.id is null or t._sync_deleted)
            """;
        Merge = MergeText(name);
    }

    /// <summary>The version of the table these statements fit.</summary>
    public int Version { get; }

    public int Columns { get; }

    /// <summary>Fields of a stage row: what <see cref="Copy"/> lists.</summary>
    public int Fields => 1 + Columns + _words + 11;

    public int MaskWords => _words;

    public string Create { get; }

    public string Drop { get; }

    public string Empty { get; }

    public string Copy { get; }

    /// <summary>Of the rows of call $1 that ask: the ids without a live row, and whether there is none at all. Run before <see cref="Merge"/>.</summary>
    public string Found { get; }

    /// <summary>Writes the rows of call $1 into the target, applied at $2.</summary>
    public string Merge { get; }

    /// <summary>Whether the stage of a table stays within Postgres' number of columns; where not, its rows go one by one.</summary>
    public static bool Fits(ObjectTable table) => 1 + table.Columns.Count + ColumnSet.WordsFor(table.Columns.Count) + 11 <= TableDdl.MostColumns;

    private string MergeText(string name)
    {
        var person = _table.PersonName is { } column && _table.ComposedParts.Count > 0 ? column : null;
        var composed = person is null ? "" : Composed(part => $"s.c{part.Index}");
        return $"""
            merge into {_table.Quoted} t using (select * from pg_temp.{name} where call = $1) s on t.id = s.id
            when matched then update set {List(c => c == person ? "" : $"{c.Quoted} = {Merged(c)}, ")}
                {(person is null ? "" : $"{person.Quoted} = case when {Masked(person)} then s.c{person.Index} when {AnyPart()} then {Composed(Merged)} else t.{person.Quoted} end,")}
                _sync_event = s.event, _sync_source = 'cdc', _sync_deleted = s.deleted,
                _sync_incomplete = coalesce(case when t._sync_deleted then s.tombstone_incomplete else s.live_incomplete end, t._sync_incomplete),
                _sync_commit_at = s.commit_at, _sync_commit_number = s.commit_number, _sync_transaction_key = s.transaction_key,
                _sync_sequence = s.sequence, _sync_applied_at = $2
            when not matched then insert (id, {List(c => $"{c.Quoted}, ")}_sync_event, _sync_source, _sync_deleted, _sync_incomplete,
                _sync_commit_at, _sync_commit_number, _sync_transaction_key, _sync_sequence, _sync_applied_at)
            values (s.id, {List(c => c == person ? $"case when {Masked(c)} then s.c{c.Index} else {composed} end, " : $"s.c{c.Index}, ")}s.event, 'cdc', s.deleted,
                s.absent_incomplete, s.commit_at, s.commit_number, s.transaction_key, s.sequence, $2)
            """;
    }

    private static string Masked(TableColumn column) => $"s.m{column.Index / ColumnSet.BitsPerWord} & {1L << (column.Index % ColumnSet.BitsPerWord)} <> 0";

    private static string Merged(TableColumn column) => $"case when {Masked(column)} then s.c{column.Index} else t.{column.Quoted} end";

    private string AnyPart() => string.Join(" or ", _table.ComposedParts.Select(Masked));

    private string Composed(Func<TableColumn, string> part) => PersonName.Sql([.. _table.ComposedParts.Select(part)]);

    private string List(Func<TableColumn, string> of) => string.Concat(_table.Columns.Select(of));

    private string Words(Func<int, string> of) => string.Concat(Enumerable.Range(0, _words).Select(of));
}
