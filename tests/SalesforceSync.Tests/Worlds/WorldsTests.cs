using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Database;
using SalesforceSync.Store;
using SalesforceSync.Tests.Database;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Worlds;

/// <summary>
/// Whatever happens, and in whatever order the product takes its steps: in the end the replica is the org. SYNC_WORLD=17 lives one world again,
/// SYNC_WORLDS=500 the first 500 of them.
/// </summary>
public class WorldsTests(ITestOutputHelper output)
{
    private const int Transactions = 60;

    private static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;

    [PostgresFact]
    public async Task Every_world_comes_to_the_truth()
    {
        var tally = new WorldTally();
        int[] seeds = Setting("SYNC_WORLDS") is { } many ? [.. Enumerable.Range(1, many)] : [Setting("SYNC_WORLD") ?? 2];
        var failures = new List<string>();
        var database = await PostgresFixture.CreateDatabaseAsync();
        await using var source = Postgres.Open(database);
        await Migrations.ApplyAsync(source, Migrations.All, NullLogger.Instance, CancellationToken.None);
        await new EventPartitions(source, TimeProvider.System, NullLogger.Instance).EnsureAsync(CancellationToken.None);
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = Setting("SYNC_PAR") ?? 3 }, async (seed, _) =>
        {
            try
            {
                var at = System.Diagnostics.Stopwatch.GetTimestamp();
                await using var world = await World.CreateAsync(seed, database, source, tally);
                tally.Count("zz CREATE us", (long)System.Diagnostics.Stopwatch.GetElapsedTime(at).TotalMicroseconds);
                await world.LiveAsync(Transactions);
                tally.Count("worlds");
                output.WriteLine($"seed {seed} cpu {System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds} {System.Diagnostics.Stopwatch.GetElapsedTime(at).TotalMilliseconds}");
            }
            catch (Exception failure)
            {
                lock (failures)
                    failures.Add($"SYNC_WORLD={seed}: {failure}");
            }
        });
        output.WriteLine(tally.ToString());
        failures.ShouldBeEmpty(string.Join("\n\n", failures.Take(3)));
    }
}
