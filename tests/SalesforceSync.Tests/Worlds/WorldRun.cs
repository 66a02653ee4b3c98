using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Database;
using SalesforceSync.Store;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Worlds;

/// <summary>Lives many worlds, as many at a time as there are processors and two more, each of these lanes in a database of its own.</summary>
internal static class WorldRun
{
    private const int Transactions = 60;

    /// <summary>The failures, in the order of the seeds.</summary>
    /// <param name="enough">No further world is begun; those that were are the first of the given.</param>
    /// <param name="firstOnly">Once a rule was found out, no further world looks for it.</param>
    public static async Task<SortedDictionary<(int Seed, string? Rule), Exception>> LiveAsync(
        IReadOnlyCollection<(int Seed, string? Rule)> worlds, WorldTally tally, Func<bool>? enough = null, bool firstOnly = false)
    {
        var left = new ConcurrentQueue<(int Seed, string? Rule)>(worlds);
        var failures = new SortedDictionary<(int Seed, string? Rule), Exception>();
        var lanes = Math.Min(worlds.Count, Environment.ProcessorCount + 2);
        await Parallel.ForEachAsync(Enumerable.Range(0, lanes), new ParallelOptions { MaxDegreeOfParallelism = lanes }, async (_, _) =>
        {
            var database = await PostgresFixture.CreateNearDatabaseAsync();
            await using var time = await WorldTime.MakeAsync(database);
            await using var source = Postgres.Open(database, session: WorldTime.Session);
            await Migrations.ApplyAsync(source, Migrations.All, NullLogger.Instance, CancellationToken.None);
            await new EventPartitions(source, time, NullLogger.Instance).EnsureAsync(CancellationToken.None);
            while (enough?.Invoke() is not true && left.TryDequeue(out var next))
            {
                lock (failures)
                {
                    if (firstOnly && failures.Keys.Any(failed => failed.Rule == next.Rule))
                        continue;
                }
                if (await FailureAsync(next.Seed, next.Rule, database, source, time, tally) is not { } failure)
                    continue;
                lock (failures)
                    failures[next] = failure;
            }
        });
        return failures;
    }

    private static async Task<Exception?> FailureAsync(int seed, string? rule, string database, Npgsql.NpgsqlDataSource source, WorldTime time, WorldTally tally)
    {
#if CRASH_POINTS
        SalesforceSync.Diagnostics.PlantedBug.Plant(rule);
#endif
        // The same world without one rule and without another may live in one database, one after the other.
        var name = rule is null ? $"w{seed}" : $"w{seed}_{rule.Replace('-', '_')}";
        try
        {
            await using var world = await World.CreateAsync(seed, name, database, source, time, tally);
            await world.LiveAsync(Transactions);
            tally.Count(WorldTally.Worlds);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
