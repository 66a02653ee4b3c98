using System.Collections.Concurrent;
using SalesforceSync.Tests.Worlds;

namespace SalesforceSync.Tests.StreamWorlds;

/// <summary>Lives many stream worlds, one on each processor.</summary>
internal static class StreamWorldRun
{
    /// <summary>One of so many is lived twice, and must be the same world both times.</summary>
    private const int Twice = 100;

    /// <returns>The failures in the order of their seeds.</returns>
    public static (WorldTally Tally, IReadOnlyList<StreamWorldKind> Failed) Live(int from, int count)
    {
        var tally = new WorldTally();
        var failed = new ConcurrentBag<StreamWorldKind>();
        Parallel.For(from, from + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            if (FailureOf(new(seed), tally) is not null)
                failed.Add(new(seed));
        });
        return (tally, [.. failed.OrderBy(kind => kind.Seed)]);
    }

    /// <summary>The failure of the smallest world that still fails: without what it can do without, and with as few transactions.</summary>
    public static string Smallest(StreamWorldKind kind)
    {
        foreach (var trouble in Enum.GetValues<StreamTrouble>().Where(t => t is not (StreamTrouble.None or StreamTrouble.All)))
        {
            if (kind with { Troubles = kind.Troubles & ~trouble } is var without && FailureOf(without, new()) is not null)
                kind = without;
        }
        var (passes, fails) = (0, kind.Transactions);
        while (fails - passes > 1)
        {
            var middle = (passes + fails) / 2;
            if (FailureOf(kind with { Transactions = middle }, new()) is null) passes = middle;
            else fails = middle;
        }
        kind = kind with { Transactions = fails };
        return FailureOf(kind, new())?.Message ?? $"SYNC_STREAM_WORLD={kind}: fails, but not as the smallest";
    }

    public static Exception? FailureOf(StreamWorldKind kind, WorldTally tally)
    {
        try
        {
            var world = new StreamWorld(kind, tally);
            world.Live();
            if (kind.Seed % Twice != 0)
                return null;
            var again = new StreamWorld(kind, new());
            again.Live();
            tally.Count("lived twice");
            return again.Trace == world.Trace ? null : new StreamWorldException(kind, "is another world when it is lived again");
        }
        catch (Exception failure)
        {
            return failure as StreamWorldException ?? new StreamWorldException(kind, failure.ToString());
        }
    }
}
