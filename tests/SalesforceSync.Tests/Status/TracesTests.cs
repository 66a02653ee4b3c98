using System.Security.Cryptography;
using System.Text;
using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Status;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.EndToEnd;
using SalesforceSync.Tests.Protocol.Strangers;

namespace SalesforceSync.Tests.Status;

/// <summary>
/// What is told of transactions: every sampled one, from its commit at Salesforce to the tables, without a value. Listening belongs to the process, in which other
/// orgs may be traced too: each test has an org of a name of its own.
/// </summary>
public class TracesTests
{
    [PostgresFact]
    public async Task Every_transaction_is_traced_from_its_commit_to_the_tables_and_no_value_is_told()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var copied = await CreateAsync("traced");
        copied.Telemetry = new() { OtlpEndpoint = collector.Address, OtlpOverHttp = true, TraceRatio = 1 };
        var traces = Telemetry.OpenTraces(copied.Telemetry)!;
        var workload = new Workload(copied.Simulated.Org, new WorkloadOptions { Seed = 11, MaxRecordsPerObject = 30, SchemaChanges = false });
        for (var done = 0; done < 40;) done += workload.Next();
        copied.Start();
        await copied.CaughtUpAsync();
        // A worker goes and another one comes: one has received what the next one applies, or not; the trace is the same.
        await copied.StopAsync();
        copied.Simulated.Org.Commit(draft =>
        {
            for (var i = 0; i < 230; i++)
                draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"CANARY-{i}" });
            draft.Create("Lead", new Dictionary<string, object?> { ["LastName"] = "CANARY-lead", ["Company"] = "CANARY-company" });
        });
        copied.Start();
        await copied.CaughtUpAsync();
        await copied.StopAsync();
        // What was not sent yet is sent at the end.
        traces.Dispose();

        var spans = collector.Spans.ToList();
        var whole = spans.Where(s => s.Name == "transaction" && s.Attributes["org"] == "traced").ToList();
        var applied = await copied.ScalarAsync<long>("select transactions from salesforce_sync.org where name = 'traced'");
        whole.Count(s => s.Attributes["late"] == "false" || s.Attributes["late"] == "0").ShouldBe((int)applied);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.event")).ShouldBeGreaterThanOrEqualTo(whole.Sum(s => Number(s, "events")));
        foreach (var transaction in whole)
        {
            transaction.Trace.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("traced\n" + transaction.Attributes["transaction_key"])))[..32]);
            ShouldBeInOrder(transaction, [.. spans.Where(s => s.Trace == transaction.Trace)]);
        }
        var large = whole.Single(s => Number(s, "events") == 231);
        large.Attributes["objects"].ShouldBe("Account,Lead");
        large.Attributes["channel"].ShouldBe("/data/ChangeEvents");
        Number(large, "last_event").ShouldBe(await copied.ScalarAsync<long>("select max(event) from salesforce_sync.event"));
        Number(large, "commit_number").ShouldBe(await copied.ScalarAsync<long>("select max(_sync_commit_number) from traced.lead"));
        collector.Text.ShouldNotContain("CANARY");
        collector.Text.ShouldContain("salesforce-sync");
    }

    [PostgresFact]
    public async Task Nothing_is_traced_where_the_share_is_none_or_nobody_listens()
    {
        await using var collector = await OtlpCollector.StartAsync();
        Telemetry.OpenTraces(new()).ShouldBeNull();
        Telemetry.OpenTraces(new() { TraceRatio = 1 }).ShouldBeNull();
        var options = new TelemetryOptions { OtlpEndpoint = collector.Address, OtlpOverHttp = true, TraceRatio = 0 };
        Telemetry.OpenTraces(options).ShouldBeNull();
        // Somebody else of this process listens, and sends there.
        using (Telemetry.OpenTraces(options with { TraceRatio = 1 }))
        {
            await using var copied = await CreateAsync("untraced");
            copied.Telemetry = options;
            copied.Simulated.Org.Commit(draft => draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "one" }));
            copied.Start();
            await copied.CaughtUpAsync();
        }
        collector.Spans.Count(s => s.Attributes.GetValueOrDefault("org") == "untraced").ShouldBe(0);
    }

    [StrangerFact("python")]
    public async Task Metrics_and_traces_reach_a_grpc_collector_of_somebody_else()
    {
        await using var stranger = Stranger.Start("otlp_collector.py", []);
        var endpoint = new Uri($"http://127.0.0.1:{(await stranger.ReadAsync()).GetProperty("port").GetInt32()}");
        await using var copied = await CreateAsync("overgrpc");
        copied.Telemetry = new() { OtlpEndpoint = endpoint, TraceRatio = 1 };
        var (metered, traces) = (Telemetry.Open(copied.Telemetry), Telemetry.OpenTraces(copied.Telemetry)!);
        copied.Simulated.Org.Commit(draft => draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "CANARY-value" }));
        copied.Start();
        await copied.CaughtUpAsync();
        await copied.StopAsync();
        traces.Dispose();
        metered.Dispose();

        var spans = new List<OtlpSpan>();
        var figures = "";
        while (!spans.Exists(s => s.Name == "transaction" && s.Attributes["org"] == "overgrpc") || !figures.Contains("salesforce_sync.events.applied", StringComparison.Ordinal))
        {
            var call = await stranger.ReadAsync();
            var request = call.GetProperty("request").GetBytesFromBase64();
            if (call.GetProperty("path").GetString() == "/opentelemetry.proto.collector.trace.v1.TraceService/Export")
                spans.AddRange(OtlpSpan.Of(request));
            else if (call.GetProperty("path").GetString() == "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")
                figures += Encoding.UTF8.GetString(request);
        }
        var whole = spans.Single(s => s.Name == "transaction" && s.Attributes["org"] == "overgrpc");
        ShouldBeInOrder(whole, [.. spans.Where(s => s.Trace == whole.Trace)]);
        figures.ShouldNotContain("CANARY");
    }

    /// <summary>Committed, received, stored, taken up, applied: each begins where it can, and all ends with the commit.</summary>
    private static void ShouldBeInOrder(OtlpSpan whole, IReadOnlyList<OtlpSpan> trace)
    {
        whole.Parent.ShouldBeEmpty();
        OtlpSpan Part(string name) => trace.Single(s => s.Name == name && s.Parent == whole.Id);
        var (salesforce, waiting, apply) = (Part("salesforce"), Part("waiting"), Part("apply"));
        var stored = trace.Where(s => s.Name == "store").OrderBy(s => s.From).ToList();
        stored.ShouldNotBeEmpty();
        stored.ShouldAllBe(s => s.Parent == "");
        // As many as came: what was received twice was stored once.
        stored.Sum(s => Number(s, "events")).ShouldBe(trace.Where(s => s.Name == "transaction").Sum(s => Number(s, "events")));
        whole.From.ShouldBeLessThanOrEqualTo(salesforce.From);
        salesforce.Until.ShouldBeInRange(stored[0].From - Tick, stored[0].From + Tick);
        waiting.From.ShouldBeGreaterThanOrEqualTo(salesforce.Until - Tick);
        stored[^1].Until.ShouldBeLessThanOrEqualTo(waiting.Until + Tick);
        waiting.Until.ShouldBeInRange(apply.From - Tick, apply.From + Tick);
        apply.Until.ShouldBeGreaterThan(apply.From);
        whole.Until.ShouldBeInRange(apply.Until - Tick, apply.Until + Tick);
    }

    [Fact]
    public void A_collector_that_hangs_holds_the_end_up_for_a_moment_only()
    {
        // It takes connections, and never answers.
        using var hanging = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        hanging.Start();
        var options = new TelemetryOptions { OtlpEndpoint = new Uri($"http://{hanging.LocalEndpoint}"), OtlpOverHttp = true, TraceRatio = 1 };
        var began = TimeProvider.System.GetTimestamp();
        using (var metrics = Telemetry.Open(options))
        using (var traces = Telemetry.OpenTraces(options))
            Telemetry.Close(metrics, traces);
        hanging.Pending().ShouldBeTrue("nothing was to be sent");
        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(3));
    }

    /// <summary>Postgres keeps microseconds.</summary>
    private static TimeSpan Tick => TimeSpan.FromMicroseconds(2);

    private static long Number(OtlpSpan span, string attribute) => long.Parse(span.Attributes[attribute], System.Globalization.CultureInfo.InvariantCulture);

    private static Task<CopiedOrg> CreateAsync(string name) =>
        CopiedOrg.CreateAsync(new() { Keepalive = TimeSpan.FromMilliseconds(300) }, options => options with { Name = name, Schema = name });
}
