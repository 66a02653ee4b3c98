using System.Text;
using Dapper;
using Npgsql;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>Everything a database holds, as text: every row of every table of every schema, bytes in hexadecimal digits.</summary>
internal static class DatabaseText
{
    private const string Tables = """
        select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1
        """;

    public static async Task<IReadOnlyList<(string Table, string Text)>> OfAsync(NpgsqlDataSource source)
    {
        await using var connection = await source.OpenConnectionAsync();
        while (true)
        {
            try
            {
                return await ReadAsync(connection);
            }
            catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                // A newer copy of a table has taken the place of one that was to be read.
            }
        }
    }

    private static async Task<List<(string, string)>> ReadAsync(NpgsqlConnection connection)
    {
        var all = new List<(string, string)>();
        foreach (var table in await connection.QueryAsync<string>(Tables))
            all.Add((table, await connection.ExecuteScalarAsync<string?>($"select string_agg(t::text, e'\\n') from {table} t") ?? ""));
        return all;
    }

    /// <summary>A text as it may stand there: as it is, as bytes, and in base64 wherever it begins.</summary>
    public static IEnumerable<string> Forms(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        yield return text;
        yield return Convert.ToHexStringLower(bytes);
        for (var before = 0; before < 3; before++)
        {
            // What shares a digit with a neighbour may be any.
            var whole = (bytes.Length + before) / 3 * 3;
            yield return Convert.ToBase64String([.. new byte[before], .. bytes.Take(whole - before)])[(before == 0 ? 0 : 4)..];
        }
    }
}
