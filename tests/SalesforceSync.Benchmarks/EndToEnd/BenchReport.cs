using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Npgsql;
using SalesforceSync.Cli.Demo;
using SalesforceSync.Database;

namespace SalesforceSync.Benchmarks.EndToEnd;

/// <summary>What was measured, as lines of text.</summary>
internal static class BenchReport
{
    public static async Task IntroduceAsync(BenchOrder order, LocalPostgres postgres, string strangers, string node, TimeProvider time, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(postgres.ConnectionString("postgres"));
        await connection.OpenAsync(stop);
        using var versions = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(strangers, "package.json"), stop));
        string Pinned(string package) => $"{package} {versions.RootElement.GetProperty("dependencies").GetProperty(package).GetString()}";
        using var asked = Process.Start(new ProcessStartInfo(node, "--version") { RedirectStandardOutput = true })!;
        Console.WriteLine($"""
            {time.GetUtcNow():yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores (load before: {(await File.ReadAllTextAsync("/proc/loadavg", stop)).Split(' ')[0]}), {RuntimeInformation.OSDescription}
            {RuntimeInformation.FrameworkDescription}, Postgres {connection.PostgreSqlVersion}, node {(await asked.StandardOutput.ReadToEndAsync(stop)).Trim()}, {Pinned("salesforce-pubsub-api-client")}, {Pinned("pg")}
            single-record Account updates of 1,000 records, all released at once: {order.Events} a round for the worker, {order.PeerEvents} for the peer

            round    consumer           events  seconds   events/s   CPU s: consumer   org  Postgres   us/event
            """);
    }

    public static void Row(string round, Run run) => Console.WriteLine(
        $"{round,-8} {run.Contestant,-16} {run.Events,8} {run.Seconds,8:0.00} {run.PerSecond,10:0} {run.Cpu,17:0.00} {run.OrgCpu,5:0.00} {run.PostgresCpu,9:0.00} {run.Cpu / run.Events * 1e6,10:0}");

    /// <summary>Prints the medians.</summary>
    /// <returns>The median of the rounds' ratios.</returns>
    public static double Compare(List<Run> runs, string worker, string peer)
    {
        double[] Rates(string name) => [.. runs.Where(run => run.Contestant == name).Select(run => run.PerSecond)];
        var ratio = Median([.. Rates(worker).Zip(Rates(peer), (ours, theirs) => ours / theirs)]);
        Console.WriteLine($"\nmedian: {worker} {Median(Rates(worker)):0} events/s, {peer} {Median(Rates(peer)):0} events/s, ratio {ratio:0.0} (limit {EndToEndBench.LeastRatio:0})");
        double Cpu(string name) => Median([.. runs.Where(run => run.Contestant == name).Select(run => (run.Cpu + run.PostgresCpu) / run.Events * 1e6)]);
        Console.WriteLine($"CPU of consumer and Postgres per event, which other load on the machine hardly changes: {Cpu(worker):0} us, {Cpu(peer):0} us, ratio {Cpu(peer) / Cpu(worker):0.0}");
        return ratio;
    }

    public static void Lag(LagFigures lag) => Console.WriteLine(
        $"live, {BenchOrder.LiveRate} events/s, publish to visible over {lag.Events} events: p50 {lag.P50:0.0} ms, p99 {lag.P99:0.0} ms, max {lag.Max:0.0} ms (limit p99 {EndToEndBench.MostLag:0} ms)");

    /// <returns>The exit code.</returns>
    public static int Verdict(double ratio, LagFigures? lag)
    {
        var held = ratio >= EndToEndBench.LeastRatio && (lag is null || lag.P99 < EndToEndBench.MostLag);
        Console.WriteLine(held ? "both limits are held" : "a limit is missed");
        return held ? 0 : 1;
    }

    /// <param name="values">At least one; they are sorted.</param>
    public static double Median(double[] values)
    {
        Array.Sort(values);
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[(values.Length / 2) - 1] + values[values.Length / 2]) / 2;
    }
}
