using BenchmarkDotNet.Running;
using SalesforceSync.Benchmarks.EndToEnd;

namespace SalesforceSync.Benchmarks;

/// <summary><c>end-to-end</c> measures the whole product beside what most people would write; everything else is BenchmarkDotNet's.</summary>
internal static class BenchmarkProgram
{
    private static async Task<int> Main(string[] args)
    {
        if (args is ["end-to-end", .. var rest])
            return await EndToEndBench.RunAsync(rest, TimeProvider.System);
        BenchmarkSwitcher.FromAssembly(typeof(BenchmarkProgram).Assembly).Run(args);
        return 0;
    }
}
