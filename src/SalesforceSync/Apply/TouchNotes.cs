using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>
/// What a commit touches of objects that are being read, as rows of <c>salesforce_sync.touch</c> (rule A2): one per change event and record. Empty, and
/// without any cost, while nothing is read. Used by one commit.
/// </summary>
internal sealed class TouchNotes(string org, IReadOnlyList<string> reading)
{
    private const string Insert = """
        insert into salesforce_sync.touch (org, object, record_id, event, columns, existence, commit_at)
        select $1, t.object, t.record_id, t.event, string_to_array(t.columns, ','), true, t.commit_at
        from unnest($2, $3, $4, $5, $6) as t (object, record_id, event, columns, commit_at)
        """;

    private readonly List<(string Object, string RecordId, long Event, string? Columns, DateTime CommitAt)> _notes = [];

    public int Count => _notes.Count;

    /// <summary>Notes a change that was written. What was not written touches nothing; neither does a GAP event, which only asks.</summary>
    /// <param name="isApplied">Of a record: whether a text difference was applied; its column counts as touched only then.</param>
    public void Add(NumberedChange change, Func<string, FieldWrite, bool> isApplied)
    {
        if (reading.Count == 0)
            return;
        var header = change.Event.Header;
        if (!reading.Contains(header.EntityName) || (header.Kind == ChangeKind.Delete && PlantedBug.Is(PlantedBugs.DeletesTouchNothing)))
            return;
        foreach (var recordId in header.RecordIds)
        {
            if (!recordId.Contains('*', StringComparison.Ordinal))
                _notes.Add((header.EntityName, recordId, change.Received, Columns(change.Event, recordId, isApplied), DateTimeOffset.FromUnixTimeMilliseconds(header.CommitTimestamp).UtcDateTime));
        }
    }

    /// <summary>Writes what was noted; null when there is nothing.</summary>
    public NpgsqlBatchCommand? Take()
    {
        if (_notes.Count == 0)
            return null;
        var insert = new NpgsqlBatchCommand(Insert)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = org, NpgsqlDbType = NpgsqlDbType.Text },
                Array(n => n.Object, NpgsqlDbType.Text), Array(n => n.RecordId, NpgsqlDbType.Text), Array(n => n.Event, NpgsqlDbType.Bigint),
                Array(n => n.Columns, NpgsqlDbType.Text), Array(n => n.CommitAt, NpgsqlDbType.TimestampTz),
            },
        };
        _notes.Clear();
        return insert;
    }

    /// <summary>
    /// The fields' names as columns are named, joined by commas, which they never hold; null for all of them. The column a field has is no matter: it may get
    /// another while a reading is open.
    /// </summary>
    private static string? Columns(ChangeEvent change, string recordId, Func<string, FieldWrite, bool> isApplied)
    {
        if (change.IsFullRecord)
            return null;
        var columns = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var write in change.Writes)
        {
            if (write.Field.ApiName is not { } name || (write.IsDiff && !isApplied(recordId, write)))
                continue;
            columns.Add(PostgresName.Of(name));
            // A whole name clears the parts.
            if (write.Field.NameRole == NameRole.Whole)
                columns.UnionWith(PersonName.Parts);
        }
        return string.Join(',', columns);
    }

    private NpgsqlParameter<T[]> Array<T>(Func<(string Object, string RecordId, long Event, string? Columns, DateTime CommitAt), T> of, NpgsqlDbType type) =>
        new() { TypedValue = [.. _notes.Select(of)], NpgsqlDbType = NpgsqlDbType.Array | type };
}
