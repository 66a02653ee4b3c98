using SalesforceSync.Database;

namespace SalesforceSync.Apply;

internal enum RowOperation
{
    /// <summary>Writes the row if it is there and not deleted.</summary>
    UpdateLive,

    /// <summary>Writes the row if it is there and deleted.</summary>
    UpdateTombstone,

    Insert,

    /// <summary>Writes the row whether it is there or not.</summary>
    Upsert,

    Remove,
}

/// <summary>
/// Statements for one row, one text per operation and set of columns, so that the driver prepares what comes again. Parameters: $1 id, $2 event, $3 deleted,
/// $4 incomplete (null: as it was), $5 commit time, $6 commit number, $7 transaction key, $8 sequence, $9 applied at, from $10 the columns by index.
/// </summary>
internal sealed class RowStatements
{
    public const int FirstColumn = 10;

    /// <summary>Beyond this many texts the sets of columns do not repeat and keeping them is a leak.</summary>
    private const int MostTexts = 2000;

    private static readonly IReadOnlyList<(string Column, string Value)> System =
    [
        ("_sync_event", "$2"), ("_sync_source", "'cdc'"), ("_sync_deleted", "$3"), ("_sync_incomplete", "$4"), ("_sync_commit_at", "$5"),
        ("_sync_commit_number", "$6"), ("_sync_transaction_key", "$7"), ("_sync_sequence", "$8"), ("_sync_applied_at", "$9"),
    ];

    private readonly Dictionary<(ObjectTable Table, int Version, RowOperation Operation, ColumnSet Columns), string> _texts = [];

    public void Forget() => _texts.Clear();

    public string Text(ObjectTable table, RowOperation operation, ColumnSet columns)
    {
        var key = (table, table.Version, operation, columns);
        if (_texts.TryGetValue(key, out var text)) return text;
        if (_texts.Count >= MostTexts) _texts.Clear();
        text = Make(table, operation, columns);
        _texts.Add((table, table.Version, operation, columns.Copy()), text);
        return text;
    }

    private static string Make(ObjectTable table, RowOperation operation, ColumnSet columns) => operation switch
    {
        RowOperation.UpdateLive => $"update {table.Quoted} t set {Assignments(table, columns)} where t.id = $1 and not t._sync_deleted",
        RowOperation.UpdateTombstone => $"update {table.Quoted} t set {Assignments(table, columns)} where t.id = $1 and t._sync_deleted",
        RowOperation.Insert => $"insert into {table.Quoted} {Insertion(table, columns)}",
        RowOperation.Upsert => $"""
            merge into {table.Quoted} t using (select $1 as id) s on t.id = s.id
            when matched then update set {Assignments(table, columns)}
            when not matched then insert {Insertion(table, columns)}
            """,
        RowOperation.Remove => $"delete from {table.Quoted} where id = $1",
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };

    private static string Assignments(ObjectTable table, ColumnSet columns)
    {
        var values = Values(table, columns);
        var assignments = values.Select(v => $"{v.Key.Quoted} = {v.Value}");
        if (table.Composes(columns))
            assignments = assignments.Append($"{table.PersonName!.Quoted} = {Composed(table, part => values.GetValueOrDefault(part) ?? $"t.{part.Quoted}")}");
        return string.Join(", ", assignments.Concat(System.Select(s =>
            s.Column == "_sync_incomplete" ? "_sync_incomplete = coalesce($4, t._sync_incomplete)" : $"{Sql.Quote(s.Column)} = {s.Value}")));
    }

    private static string Insertion(ObjectTable table, ColumnSet columns)
    {
        var values = Values(table, columns);
        var inserted = values.Select(v => (v.Key.Quoted, v.Value)).Concat(System.Select(s => (Sql.Quote(s.Column), s.Value))).Prepend((SystemColumns.Id, "$1"));
        if (table.Composes(columns))
            inserted = inserted.Append((table.PersonName!.Quoted, Composed(table, values.GetValueOrDefault)));
        var all = inserted.ToList();
        return $"({string.Join(", ", all.Select(i => i.Item1))}) values ({string.Join(", ", all.Select(i => i.Item2))})";
    }

    private static string Composed(ObjectTable table, Func<TableColumn, string?> part) => PersonName.Sql([.. table.ComposedParts.Select(part).OfType<string>()]);

    private static Dictionary<TableColumn, string> Values(ObjectTable table, ColumnSet columns)
    {
        var values = new Dictionary<TableColumn, string>();
        foreach (var column in table.Columns)
        {
            if (columns.Contains(column.Index)) values.Add(column, ColumnValue.Sql(column.Type, FirstColumn + values.Count));
        }
        return values;
    }
}
