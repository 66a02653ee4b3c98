using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Database;

/// <summary>
/// Remembers what a person did by a command: one row of <c>salesforce_sync.audit</c> for each act. Written on the connection of the change and within its
/// transaction, so that there is neither a change without a row nor a row without a change.
/// </summary>
internal static class Audit
{
    private const string Insert = """
        insert into salesforce_sync.audit (org, verb, subject, actor, details) values ($1, $2, $3, session_user || ' via ' || $4, $5)
        """;

    /// <param name="org">Null: the act concerns the database.</param>
    /// <param name="subject">What of the org; null: all of it.</param>
    /// <param name="details">Becomes JSON; never the value of a field, never a secret.</param>
    /// <param name="actor">Who did it; null: whoever runs this program.</param>
    public static async Task WriteAsync(NpgsqlConnection connection, string? org, string verb, string? subject, object details, CancellationToken stop, string? actor = null)
    {
        await using var insert = new NpgsqlCommand(Insert, connection)
        {
            Parameters =
            {
                Text(org), Text(verb), Text(subject), Text(actor ?? $"{Environment.UserName}@{Environment.MachineName}"),
                new() { Value = JsonSerializer.Serialize(details, JsonSerializerOptions.Web), NpgsqlDbType = NpgsqlDbType.Jsonb },
            },
        };
        await insert.ExecuteNonQueryAsync(stop);
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
