using System.Globalization;
using BenchmarkDotNet.Running;
using SalesforceSync.Benchmarks.EndToEnd;
using SalesforceSync.Benchmarks.Readers;
using SalesforceSync.Benchmarks.Snapshot;

namespace SalesforceSync.Benchmarks;

/// <summary><c>end-to-end</c> measures the whole product beside what most people would write, <c>snapshot</c> its first reading beside COPY, <c>readers</c> its lag while many watch; everything else is BenchmarkDotNet's.</summary>
internal static class BenchmarkProgram
{
    private static async Task<int> Main(string[] args)
    {
        if (args is ["end-to-end", .. var rest])
            return await EndToEndBench.RunAsync(rest, TimeProvider.System);
        if (args is ["snapshot", .. var terms])
            return await SnapshotBench.RunAsync(terms, TimeProvider.System);
        if (args is ["readers", .. var many])
            return await ReadersBench.RunAsync(many, TimeProvider.System);
        if (args is [Crowd.Verb, var server, var pollers, var listeners])
            return await Crowd.RunAsync(new(server), int.Parse(pollers, CultureInfo.InvariantCulture), int.Parse(listeners, CultureInfo.InvariantCulture), TimeProvider.System);
        BenchmarkSwitcher.FromAssembly(typeof(BenchmarkProgram).Assembly).Run(args);
        return 0;
    }
}
