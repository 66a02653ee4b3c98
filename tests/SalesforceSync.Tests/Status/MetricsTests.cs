using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Status;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.EndToEnd;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Status;

public partial class MetricsTests
{
    [PostgresFact]
    public async Task What_is_counted_is_what_happened_and_every_figure_is_documented()
    {
        // A name of its own: counters belong to the process, in which other orgs are copied too.
        await using var copied = await CopiedOrg.CreateAsync(new() { Keepalive = TimeSpan.FromMilliseconds(300) }, options => options with { Name = "metered", Schema = "metered", StartFrom = StartFrom.Snapshot });
        var workload = new Workload(copied.Simulated.Org, new WorkloadOptions { Seed = 7, MaxRecordsPerObject = 30, SchemaChanges = false });
        for (var done = 0; done < 60;) done += workload.Next();
        var metered = Telemetry.Open(new());
        copied.Start();
        await using var served = await ServedWorker.OfAsync(copied, metered);
        await copied.UntilAsync("select count(*) = 5 and bool_and(snapshot_at is not null) from salesforce_sync.object");
        for (var done = 0; done < 60;) done += workload.Next();
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) = 0 from salesforce_sync.repair where state = 'open'");
        var stored = await copied.ScalarAsync<long>("select count(*) from salesforce_sync.event");
        var applied = await copied.ScalarAsync<long>("select transactions from salesforce_sync.org");
        var metrics = await UntilReadAsync(served, m => Sum(m, "salesforce_sync_position_expiry_seconds") > 0);

        Sum(metrics, "salesforce_sync_events_received_total").ShouldBe(stored);
        Sum(metrics, "salesforce_sync_events_applied_total").ShouldBe(stored);
        Sum(metrics, "salesforce_sync_lag_seconds_count", "part=\"applying\"").ShouldBeGreaterThanOrEqualTo(applied);
        Sum(metrics, "salesforce_sync_api_calls_total").ShouldBe(await copied.ScalarAsync<long>("select sum(calls)::bigint from salesforce_sync.api_call"));
        Sum(metrics, "salesforce_sync_rows_read_total", "kind=\"snapshot\"").ShouldBeGreaterThan(0);
        Sum(metrics, "salesforce_sync_stream_connected").ShouldBe(1);
        Sum(metrics, "salesforce_sync_api_limit").ShouldBe(10_000);
        Sum(metrics, "salesforce_sync_position_expiry_seconds").ShouldBeInRange(71.9 * 3600, 72 * 3600);

        // What names there are does not depend on what has happened.
        var told = Types().Matches(metrics).Select(m => m.Groups[1].Value).Where(n => n.StartsWith("salesforce_sync_", StringComparison.Ordinal)).ToHashSet();
        var documented = DocumentedRow().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "metrics.md"))).Select(m => m.Groups[1].Value).ToList();
        documented.ShouldBeUnique();
        told.Except(documented).ShouldBeEmpty("docs/metrics.md lacks them");
        documented.Except(told).Except(["salesforce_sync_events_redelivered_total", "salesforce_sync_stream_ended_total", "salesforce_sync_stream_positions_lost_total", "salesforce_sync_api_calls_refused_total", "salesforce_sync_object_rows", "salesforce_sync_object_differing", "salesforce_sync_object_proof_age_seconds"])
            .ShouldBeEmpty("nobody tells them");
    }

    [PostgresFact]
    public async Task They_are_sent_where_the_configuration_says()
    {
        var heard = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var collector = builder.Build();
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            if (context.Request.Path == "/v1/metrics") heard.TrySetResult(body.ToArray());
        });
        await collector.StartAsync();
        await using var copied = await CopiedOrg.CreateAsync();
        copied.Start();
        copied.Simulated.Org.Commit(draft => draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "CANARY-value" }));
        await copied.CaughtUpAsync();
        var metered = Telemetry.Open(new() { OtlpEndpoint = new Uri(collector.Urls.Single()), OtlpOverHttp = true });
        // What was not sent yet is sent at the end.
        await (await ServedWorker.OfAsync(copied, metered)).DisposeAsync();
        var sent = Encoding.UTF8.GetString(await heard.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        sent.ShouldContain("salesforce_sync.stream.connected");
        sent.ShouldNotContain("CANARY");
    }

    private static async Task<string> UntilReadAsync(ServedWorker served, Func<string, bool> isSo)
    {
        for (var began = TimeProvider.System.GetTimestamp(); ;)
        {
            var metrics = await served.GetAsync("/metrics");
            if (isSo(metrics) || TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(20)) return metrics;
            await Task.Delay(TimeSpan.FromMilliseconds(400), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Of the series of our org, those with a label.</summary>
    private static double Sum(string metrics, string name, string label = "") => metrics.Split('\n')
        .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains("org=\"metered\"", StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));

    [GeneratedRegex("^# TYPE (\\S+) ", RegexOptions.Multiline)]
    private static partial Regex Types();

    [GeneratedRegex("^\\| `(salesforce_sync_[a-z_]+)`", RegexOptions.Multiline)]
    private static partial Regex DocumentedRow();
}
