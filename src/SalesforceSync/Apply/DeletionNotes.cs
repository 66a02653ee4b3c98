using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>The records a commit deletes, for <c>salesforce_sync.deletion</c>: who pointed at them is looked at later (rule E10). Used by one commit.</summary>
internal sealed class DeletionNotes(string org)
{
    private const string Insert = """
        insert into salesforce_sync.deletion (org, object, record_id, event)
        select $1, d.object, d.record_id, max(d.event) from unnest($2, $3, $4) as d (object, record_id, event) group by d.object, d.record_id
        on conflict (org, object, record_id) do update set event = excluded.event, at = excluded.at
        """;

    private readonly List<(string Object, string RecordId, long Event)> _notes = [];

    public int Count => _notes.Count;

    public void Add(NumberedChange change)
    {
        if (change.Event.Header.Kind != ChangeKind.Delete)
            return;
        foreach (var recordId in change.Event.Header.RecordIds)
            _notes.Add((change.Event.Header.EntityName, recordId, change.Received));
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
            },
        };
        _notes.Clear();
        return insert;
    }

    private NpgsqlParameter<T[]> Array<T>(Func<(string Object, string RecordId, long Event), T> of, NpgsqlDbType type) =>
        new() { TypedValue = [.. _notes.Select(of)], NpgsqlDbType = NpgsqlDbType.Array | type };
}
