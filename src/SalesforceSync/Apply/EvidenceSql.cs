using System.Security.Cryptography;
using System.Text;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>
/// The statements of a merge: a temporary table with the columns a reading writes, a mask that says which of them count in a row, and whether the row tells
/// existence. Parameters of the merge: $1 apply number, $2 source, $3 applied at, $4 whether nothing is missing
/// afterwards, $5 number of the call.
/// </summary>
internal sealed class EvidenceSql
{
    private readonly ObjectTable _table;
    private readonly IReadOnlyList<TableColumn> _columns;

    public EvidenceSql(EvidenceBinding binding)
    {
        _table = binding.Table;
        _columns = [.. binding.Columns.OfType<TableColumn>().OrderBy(c => c.Index)];
        Person = _table.PersonName is { } name && _table.ComposedParts.Count > 0 ? name : null;
        Added = [.. _columns.Where(column => column != Person)];
        AddFields = 1 + Added.Count + (Person is null ? 0 : 1) + 6;
        MaskWords = ColumnSet.WordsFor(_table.Columns.Count);
        var columns = $"""
            (call bigint not null, id text collate "C" not null, {List(c => $"c{c.Index} {c.Type.Sql()}, ")}{Words(i => $"m{i} bigint not null, ")}
                deleted boolean not null, tells boolean not null, stamp timestamptz)
            """;
        // Another shape is another table.
        var stage = $"evidence_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(columns)).AsSpan(0, 8))}";
        Stage = $"pg_temp.{stage}";
        Create = $"create temp table if not exists {stage} {columns}";
        Copy = $"copy {Stage} (call, id, {List(c => $"c{c.Index}, ")}{Words(i => $"m{i}, ")}deleted, tells, stamp) from stdin (format binary)";
        Add = $"""
            copy {_table.Quoted} (id, {List(c => c == Person ? "" : $"{c.Quoted}, ")}{(Person is null ? "" : $"{Person.Quoted}, ")}
                _sync_event, _sync_source, _sync_deleted, _sync_incomplete, _sync_commit_at, _sync_applied_at) from stdin (format binary)
            """;
        Held = $"select id from {_table.Quoted} where id = any($1)";
        Before = $"""
            insert into {MergeStage.Before} (call, id, was)
            select s.call, s.id, to_jsonb(t) from {Stage} s left join {_table.Quoted} t on t.id = s.id
            where s.call = $2 and case when t.id is null then s.tells else {Changes("$1")} end
            """;
        Merge = MergeText();
    }

    /// <summary>The columns written, in the order they are staged.</summary>
    public IReadOnlyList<TableColumn> Columns => _columns;

    public int MaskWords { get; }

    public int Fields => 2 + _columns.Count + MaskWords + 3;

    /// <summary>The columns that <see cref="Add"/> lists before the composed name.</summary>
    public IReadOnlyList<TableColumn> Added { get; }

    /// <summary>The composed name, where the object has one.</summary>
    public TableColumn? Person { get; }

    /// <summary>The stage table, with its schema.</summary>
    public string Stage { get; }

    public string Create { get; }

    /// <summary>COPY straight into the table: id, columns, the composed name last, system columns.</summary>
    public string Add { get; }

    public int AddFields { get; }

    /// <summary>Which of the ids $1 the table holds.</summary>
    public string Held { get; }

    public string Copy { get; }

    /// <summary>Keeps what the rows were that <see cref="Merge"/> will change; $1 is its $4, $2 its $5.</summary>
    public string Before { get; }

    /// <summary>Writes what differs. A row that nothing newer told of is made; one that was hard-deleted since is not.</summary>
    public string Merge { get; }

    private string MergeText() => $"""
        merge into {_table.Quoted} t using (select * from {Stage} where call = $5) s on t.id = s.id
        when matched and ({Changes("$4")}) then update set {List(c => c == Person ? "" : $"{c.Quoted} = {Merged(c)}, ")}{(Person is null ? "" : $"{Person.Quoted} = {Name()}, ")}
            _sync_event = $1, _sync_source = $2, _sync_deleted = {Deleted}, _sync_incomplete = t._sync_incomplete and not $4,
            _sync_commit_at = greatest(t._sync_commit_at, s.stamp), _sync_commit_number = null, _sync_transaction_key = null, _sync_sequence = null, _sync_applied_at = $3
        when not matched and s.tells then insert (id, {List(c => c == Person ? "" : $"{c.Quoted}, ")}{(Person is null ? "" : $"{Person.Quoted}, ")}
            _sync_event, _sync_source, _sync_deleted, _sync_incomplete, _sync_commit_at, _sync_applied_at)
        values (s.id, {List(c => c == Person ? "" : $"s.c{c.Index}, ")}{(Person is null ? "" : $"{NewName()}, ")}$1, $2, s.deleted, not $4, s.stamp, $3)
        """;

    /// <summary>Whether a row that is there becomes another; equal values are not written again, so that reading costs no writing.</summary>
    private string Changes(string completes) => $"""
        {List(c => c == Person ? "" : $"({Masked(c)}) and t.{c.Quoted} is distinct from s.c{c.Index} or ")}
        {(Person is null ? "" : $"t.{Person.Quoted} is distinct from {Name()} or ")}
        t._sync_deleted <> {Deleted} or s.stamp > t._sync_commit_at or (t._sync_commit_at is null and s.stamp is not null) or (t._sync_incomplete and {completes})
        """;

    private static string Deleted => PlantedBug.Is(PlantedBugs.OldTombstonesBlock)
        ? "(case when s.tells then s.deleted or t._sync_deleted else t._sync_deleted end)"
        : "(case when s.tells then s.deleted else t._sync_deleted end)";

    private static string Masked(TableColumn column) => $"s.m{column.Index / ColumnSet.BitsPerWord} & {1L << (column.Index % ColumnSet.BitsPerWord)} <> 0";

    private static string Merged(TableColumn column) => $"case when {Masked(column)} then s.c{column.Index} else t.{column.Quoted} end";

    /// <summary>Composed from the parts as they will be (rule D5); the name that was read is only for a record without parts, a business.</summary>
    private string Name()
    {
        if (PlantedBug.Is(PlantedBugs.NameAsRead) && _columns.Contains(Person!))
            return Merged(Person!);
        var parts = PersonName.Sql([.. _table.ComposedParts.Select(p => _columns.Contains(p) ? $"({Merged(p)})" : $"t.{p.Quoted}")]);
        return $"coalesce({parts}, {(_columns.Contains(Person!) ? Merged(Person!) : $"t.{Person!.Quoted}")})";
    }

    private string NewName()
    {
        var parts = PersonName.Sql([.. _table.ComposedParts.Where(_columns.Contains).Select(p => $"s.c{p.Index}")]);
        return $"coalesce({parts}, {(_columns.Contains(Person!) ? $"s.c{Person!.Index}" : "null")})";
    }

    private string List(Func<TableColumn, string> of) => string.Concat(_columns.Select(of));

    private string Words(Func<int, string> of) => string.Concat(Enumerable.Range(0, MaskWords).Select(of));
}
