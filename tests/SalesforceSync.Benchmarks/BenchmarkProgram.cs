using BenchmarkDotNet.Running;
using SalesforceSync.Benchmarks.EndToEnd;
using SalesforceSync.Benchmarks.Snapshot;

namespace SalesforceSync.Benchmarks;

/// <summary><c>end-to-end</c> measures the whole product beside what most people would write, <c>snapshot</c> its first reading beside COPY; everything else is BenchmarkDotNet's.</summary>
internal static class BenchmarkProgram
{
    private static async Task<int> Main(string[] args)
    {
        if (args is ["end-to-end", .. var rest])
            return await EndToEndBench.RunAsync(rest, TimeProvider.System);
        if (args is ["snapshot", .. var terms])
            return await SnapshotBench.RunAsync(terms, TimeProvider.System);
        BenchmarkSwitcher.FromAssembly(typeof(BenchmarkProgram).Assembly).Run(args);
        return 0;
    }
}
