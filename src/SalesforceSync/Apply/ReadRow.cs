using Npgsql;

namespace SalesforceSync.Apply;

/// <summary>A row of <c>salesforce_sync.read</c> as statements bring it.</summary>
internal static class ReadRow
{
    public const string Columns = """
        read.id, read.object, read.channel, read.kind, read.reason, read.state, read.proves, read.since, read.condition, read.fields, read.anchor, read.began_at,
        read.end_event, read.job_id, read.locator, read.page_rows, read.rows_expected, read.rows_merged, read.tries
        """;

    /// <summary>How many columns these are.</summary>
    public const int Count = 19;

    public static Read Of(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), Enum.Parse<ReadKind>(row.GetString(3), ignoreCase: true), row.GetString(4),
        Enum.Parse<ReadState>(row.GetString(5), ignoreCase: true), row.GetBoolean(6), Get<DateTimeOffset>(row, 7), Text(row, 8),
        row.IsDBNull(9) ? [] : row.GetFieldValue<string[]>(9), Get<long>(row, 10), Get<DateTimeOffset>(row, 11), Get<long>(row, 12), Text(row, 13), Text(row, 14),
        row.GetInt64(15), Get<long>(row, 16), row.GetInt64(17), row.GetInt32(18));

    private static T? Get<T>(NpgsqlDataReader row, int column) where T : struct => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
