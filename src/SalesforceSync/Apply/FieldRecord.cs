using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Apply;

/// <summary>
/// A row of <c>salesforce_sync.field</c>: one identity of a field (its id, what it holds) and the column that belongs to it. A field has one row that counts
/// and any number that are replaced.
/// </summary>
/// <param name="Type">As <c>format_type</c> prints it.</param>
/// <param name="Reason">Why it is frozen, replaced or without room.</param>
/// <param name="ReplacedBy">The column its field is written to since it was replaced.</param>
/// <param name="IsRemoved">The org has no such field any more.</param>
/// <param name="IsStreamed">An event schema carried it.</param>
/// <param name="IsHidden">This user is not shown it; <see cref="FieldSight"/> writes that, nobody else.</param>
internal sealed record FieldRecord(
    string Field, string Column, string Type, string? Doc, string? FieldId, FieldState State = FieldState.Written, string? Reason = null,
    string? ReplacedBy = null, bool IsRemoved = false, bool IsStreamed = true, bool IsHidden = false)
{
    /// <summary>Stands for the schema id of a field that only readings have brought.</summary>
    public const string FromReading = "reading";

    // Replaced rows first: a field never has two rows that count, not even within the statement.
    private const string Record = """
        insert into salesforce_sync.field as known
            (org, object, field, "column", type, doc, field_id, schema_id, since, state, reason, replaced_by, until, removed_at, streamed)
        select $1, $2, f.field, f."column", f.type, f.doc, f.field_id, $3, $4, f.state, f.reason, f.replaced_by,
            case when f.state = 'replaced' then $4 end, case when f.removed then $4 end, f.streamed
        from unnest($5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            as f (field, "column", type, doc, field_id, state, reason, replaced_by, removed, streamed)
        order by f.state = 'replaced' desc
        on conflict (org, object, "column") do update set
            field = excluded.field, type = excluded.type, doc = coalesce(excluded.doc, known.doc),
            schema_id = case when excluded.schema_id = 'reading' then known.schema_id else excluded.schema_id end,
            field_id = coalesce(excluded.field_id, known.field_id), state = excluded.state, reason = excluded.reason, replaced_by = excluded.replaced_by,
            until = case when excluded.state = 'replaced' then coalesce(known.until, excluded.until) end,
            removed_at = case when excluded.removed_at is not null then coalesce(known.removed_at, excluded.removed_at) end,
            streamed = known.streamed or excluded.streamed
        """;

    /// <summary>Writes rows as they are to be, in the caller's transaction.</summary>
    /// <param name="at">When what they tell came about.</param>
    public static async Task WriteAsync(
        NpgsqlConnection connection, string org, string objectName, string schemaId, DateTimeOffset at, IReadOnlyList<FieldRecord> fields, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(Record, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = org },
                new NpgsqlParameter<string> { TypedValue = objectName },
                new NpgsqlParameter<string> { TypedValue = schemaId },
                ColumnValue.Typed(StoredTime.Timestamp(at), NpgsqlDbType.TimestampTz),
                Array(fields, f => f.Field),
                Array(fields, f => f.Column),
                Array(fields, f => f.Type),
                Array(fields, f => f.Doc),
                Array(fields, f => f.FieldId),
                Array(fields, f => f.State.Name()),
                Array(fields, f => f.Reason),
                Array(fields, f => f.ReplacedBy),
                Flags(fields, f => f.IsRemoved),
                Flags(fields, f => f.IsStreamed),
            },
        };
        await command.ExecuteNonQueryAsync(stop);
    }

    private static NpgsqlParameter<string?[]> Array(IReadOnlyList<FieldRecord> fields, Func<FieldRecord, string?> of) =>
        new() { TypedValue = [.. fields.Select(of)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter<bool[]> Flags(IReadOnlyList<FieldRecord> fields, Func<FieldRecord, bool> of) =>
        new() { TypedValue = [.. fields.Select(of)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Boolean };
}
