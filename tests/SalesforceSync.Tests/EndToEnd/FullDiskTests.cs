using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>The disk of the database fills up: first statements fail, then the server itself. With room and a server again everything comes to the truth.</summary>
public sealed class FullDiskTests
{
    private static readonly Dictionary<string, string> LittleLog = new() { ["min_wal_size"] = "32MB", ["max_wal_size"] = "32MB", ["shared_buffers"] = "16MB", ["autovacuum"] = "off" };

    [SmallDiskFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_full_disk_is_told_and_waited_out_until_there_is_room_and_a_server_again()
    {
        using var disk = SmallDisk.Mount(megabytes: 160);
        await using var postgres = await LocalPostgres.StartAsync(new() { Within = disk.Directory, Settings = LittleLog }, TimeProvider.System, CancellationToken.None);
        await using var copy = await ProvenCopy.CreateAsync(database: await postgres.CreateDatabaseAsync("copy", CancellationToken.None));
        copy.Copied.Start();
        copy.Commit(100);
        await copy.Copied.CaughtUpAsync();
        disk.Fill();
        await copy.Copied.UntilAsync("select true", () =>
        {
            copy.Commit(5);
            return Told(copy, 8108, "53100").Any();
        });
        Told(copy, 8108, "53100").First().ShouldContain("make room on it");
        await copy.UntilReadyAsync(false);

        await ShouldPanicAsync(postgres);
        disk.Free();
        await postgres.StopAsync(PostgresStop.Immediate, CancellationToken.None);
        await DatabaseFaultRun.StartAsync(postgres);
        copy.Copied.Source.Clear();
        copy.Commit(20);
        await copy.ShouldBeExactAsync();
        await copy.UntilReadyAsync(true);
    }

    /// <summary>Uses up what is left of the log, until there is no room for the next piece of it.</summary>
    private static async Task ShouldPanicAsync(LocalPostgres postgres)
    {
        await using var admin = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres.ConnectionString("postgres")) { Pooling = false }.ConnectionString);
        await admin.OpenAsync();
        var panic = await Should.ThrowAsync<NpgsqlException>(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await using var write = new NpgsqlCommand("select pg_switch_wal(); select pg_logical_emit_message(false, 'test', 'x')", admin);
                await write.ExecuteNonQueryAsync();
            }
        });
        // Ours wrote the log, or another did and all were thrown out.
        (panic is not PostgresException { Severity: not "PANIC", SqlState: not "57P02" }).ShouldBeTrue(panic.ToString());
    }

    private static IEnumerable<string> Told(ProvenCopy copy, int id, string sqlState) =>
        copy.Copied.Log.Lines.Where(line => line.Id == id && line.Text.Contains($"({sqlState} ", StringComparison.Ordinal)).Select(line => line.Text);
}
