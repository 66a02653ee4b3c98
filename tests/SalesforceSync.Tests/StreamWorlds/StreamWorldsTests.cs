using System.Globalization;
using SalesforceSync.Tests.Worlds;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.StreamWorlds;

/// <summary>
/// Stream worlds in memory, by seed. SYNC_STREAM_WORLD=17, or 17:40:5 with so many transactions and only these troubles, lives one again;
/// SYNC_STREAM_WORLDS=1-100000 others than the usual ones.
/// </summary>
public sealed class StreamWorldsTests(ITestOutputHelper output)
{
    private const int Usual = 1_000;

    [Fact]
    public void Every_stream_is_accounted_for()
    {
        if (Environment.GetEnvironmentVariable("SYNC_STREAM_WORLD") is { Length: > 0 } one)
        {
            var parts = one.Split(':').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
            new StreamWorld(parts.Length == 3 ? new(parts[0], parts[1], (StreamTrouble)parts[2]) : new(parts[0]), new(), output.WriteLine).Live();
            return;
        }
        var seeds = SeedRange.Asked("SYNC_STREAM_WORLDS") ?? SeedRange.Of($"1-{Usual}");
        var began = TimeProvider.System.GetTimestamp();
        var (tally, failures) = StreamWorldRun.Live(seeds[0], seeds.Count);
        output.WriteLine($"{tally[WorldTally.Worlds]} stream worlds in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s: {tally}");
        failures.ShouldBeEmpty(string.Join('\n', failures.Take(5).Select(StreamWorldRun.Smallest)));
    }
}
