using Npgsql;

namespace SalesforceSync.Tests.Database;

/// <summary>A database whose commits do not wait for the disk unless they ask to, and which notes of each commit that writes a certain row whether it did.</summary>
internal static class FlushWatch
{
    /// <param name="change">What of the table is watched, as a trigger names it.</param>
    public static async Task InstallAsync(NpgsqlDataSource source, string table, string change)
    {
        await RunAsync(source, $$"""
            do $do$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $do$;
            create table public.commits (synchronous text);
            create function public.note_commit() returns trigger language plpgsql as
                $do$ begin insert into public.commits values (current_setting('synchronous_commit')); return null; end $do$;
            create constraint trigger note_commit after {{change}} on {{table}} deferrable initially deferred for each row execute function public.note_commit()
            """);
        // Sessions that are open have begun with the other setting.
        source.Clear();
    }

    /// <summary>What the commits so far were, each once.</summary>
    public static async Task<string> SeenAsync(NpgsqlDataSource source)
    {
        await using var seen = source.CreateCommand("select coalesce(string_agg(distinct synchronous, ' '), '') from public.commits");
        return (string)(await seen.ExecuteScalarAsync())!;
    }

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
