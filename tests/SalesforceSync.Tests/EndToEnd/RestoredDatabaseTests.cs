using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using SalesforceSync.Database;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>The database is restored from a backup under a running worker: position and rows went back together, and what came since comes again.</summary>
public sealed partial class RestoredDatabaseTests
{
    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_database_that_goes_back_in_time_is_brought_to_the_present_again()
    {
        await using var postgres = await LocalPostgres.StartAsync(new() { Durable = false }, TimeProvider.System, CancellationToken.None);
        var (data, backup) = (Path.Combine(postgres.Directory, "data"), Path.Combine(postgres.Directory, "backup"));
        await using var copy = await ProvenCopy.CreateAsync(database: await postgres.CreateDatabaseAsync("copy", CancellationToken.None));
        copy.Copied.Start();
        copy.Commit(100);
        await copy.Copied.CaughtUpAsync();
        var kept = await ReceivedAsync(copy);
        await postgres.StopAsync(PostgresStop.Fast, CancellationToken.None);
        await RunAsync("cp", "-a", data, backup);
        await StartAgainAsync(postgres, copy);
        // A schema that is stored after the backup, so that the one restored lacks it.
        copy.Org.Setup.AddField("Account", new SimulatedField("Since__c", FieldKind.Text) { FieldId = "00N00000000000A" }, existing: "s");
        copy.Commit(100);
        await copy.Copied.CaughtUpAsync();
        var (received, schemas) = (await ReceivedAsync(copy), await copy.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.avro_schema"));
        received.ShouldBeGreaterThan(kept);

        var resumed = Resumed(copy).Count;
        await postgres.StopAsync(PostgresStop.Fast, CancellationToken.None);
        await RunAsync("rm", "-rf", data);
        await RunAsync("cp", "-a", backup, data);
        await StartAgainAsync(postgres, copy);
        copy.Commit(50);
        await copy.ShouldBeExactAsync();
        Resumed(copy).Skip(resumed).ShouldContain(kept, copy.Copied.Log.ToString());
        // The process that ran through all of it may not be the one that reads them next.
        (await copy.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.avro_schema")).ShouldBeGreaterThanOrEqualTo(schemas);
        (await copy.Copied.StopAsync()).ShouldBe(0);
    }

    private static Task<long> ReceivedAsync(ProvenCopy copy) => copy.Copied.ScalarAsync<long>("select event from salesforce_sync.cursor where stage = 'received'");

    private static async Task StartAgainAsync(LocalPostgres postgres, ProvenCopy copy)
    {
        await postgres.StartAgainAsync(CancellationToken.None);
        copy.Copied.Source.Clear();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0);
    }

    /// <summary>The event after which each call was made, as the log says it.</summary>
    private static List<long> Resumed(ProvenCopy copy) =>
        [.. copy.Copied.Log.Lines.Where(line => line.Id == 2002).Select(line => long.Parse(Event().Match(line.Text).Groups[1].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"\(event (\d+)\)$")]
    private static partial Regex Event();
}
