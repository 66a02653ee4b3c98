using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Apply;

/// <summary>A field to be recorded in <c>salesforce_sync.field</c>: what a column came from, and with which schema.</summary>
internal sealed record FieldRecord(string Field, string Column, ColumnType Type, string? Doc, string? FieldId)
{
    /// <summary>Stands for the schema id of a field that only readings have brought.</summary>
    public const string FromReading = "reading";

    private const string Record = """
        insert into salesforce_sync.field (org, object, field, "column", type, doc, field_id, schema_id, since)
        select $1, $2, f.field, f."column", f.type, f.doc, f.field_id, $3, $4
        from unnest($5, $6, $7, $8, $9) as f (field, "column", type, doc, field_id)
        on conflict (org, object, field) do update set
            "column" = excluded."column", type = excluded.type, doc = coalesce(excluded.doc, field.doc),
            schema_id = case when excluded.schema_id = 'reading' then field.schema_id else excluded.schema_id end,
            field_id = coalesce(excluded.field_id, field.field_id)
        """;

    public static async Task WriteAsync(
        NpgsqlConnection connection, string org, string objectName, string schemaId, DateTimeOffset since, IReadOnlyList<FieldRecord> fields, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(Record, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = org },
                new NpgsqlParameter<string> { TypedValue = objectName },
                new NpgsqlParameter<string> { TypedValue = schemaId },
                ColumnValue.Typed(StoredTime.Timestamp(since), NpgsqlDbType.TimestampTz),
                Array(fields, f => f.Field),
                Array(fields, f => f.Column),
                Array(fields, f => f.Type.Sql()),
                Array(fields, f => f.Doc),
                Array(fields, f => f.FieldId),
            },
        };
        await command.ExecuteNonQueryAsync(stop);
    }

    private static NpgsqlParameter<string?[]> Array(IReadOnlyList<FieldRecord> fields, Func<FieldRecord, string?> of) =>
        new() { TypedValue = [.. fields.Select(of)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
