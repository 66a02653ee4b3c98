using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Status;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>What an orchestrator is answered while a worker starts, runs and fails: over a socket, of a whole worker, by a clock of ours.</summary>
public class HealthBodyTests
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    [PostgresFact]
    public async Task Startup_waits_for_Postgres_and_ready_says_when_it_is_gone()
    {
        await using var worker = await ClockedWorker.StartAsync(_ => NullLoggerFactory.Instance);
        await using var served = await ServedWorker.OfAsync(ServedWorker.Server(worker.Health));
        worker.Run();
        await worker.PassAsync(TimeSpan.FromSeconds(30), Step);
        (await AskAsync(served, "live")).ShouldBe("200 ok: ");
        (await AskAsync(served, "startup")).ShouldStartWith("503 failing: starting; Postgres");
        (await AskAsync(served, "ready")).ShouldStartWith("503 failing: starting; Postgres");

        worker.ReachPostgres();
        await worker.PassAsync(Step, () => worker.Health.Startup().IsOk);
        (await AskAsync(served, "startup")).ShouldBe("200 ok: ");
        await worker.StreamingAsync();
        await worker.PassAsync(Step, () => worker.Health.Ready().IsOk);
        (await AskAsync(served, "ready")).ShouldBe("200 ok: ");

        await worker.EndPostgresAsync();
        await worker.PassAsync(Step, () => !worker.Health.Ready().IsOk);
        (await AskAsync(served, "ready")).ShouldStartWith("503 failing: Postgres: ");
        (await AskAsync(served, "startup")).ShouldStartWith("200 ok");
        (await AskAsync(served, "live")).ShouldBe("200 ok: ");
    }

    [PostgresFact]
    public async Task A_stream_that_nobody_answers_is_not_ready_once_it_is_past_its_deadline()
    {
        await using var worker = await ClockedWorker.StartAsync(_ => NullLoggerFactory.Instance);
        await using var served = await ServedWorker.OfAsync(ServedWorker.Server(worker.Health));
        worker.ReachPostgres();
        worker.Run();
        await worker.StreamingAsync();
        await worker.EndSalesforceAsync();
        await worker.PassAsync(TimeSpan.FromMinutes(4), Step * 5);
        (await AskAsync(served, "ready")).ShouldStartWith("200 ok");
        await worker.PassAsync(TimeSpan.FromMinutes(1.2), Step * 5);
        (await AskAsync(served, "ready")).ShouldMatch("^503 failing: .*acme//data/ChangeEvents: silent for 3\\d\\d s, expected a sign of life within 300 s");
        (await AskAsync(served, "live")).ShouldBe("200 ok: ");
    }

    [PostgresFact]
    public async Task An_org_that_never_got_as_far_as_its_stream_is_not_ready_either()
    {
        await using var worker = await ClockedWorker.StartAsync(_ => NullLoggerFactory.Instance);
        await using var served = await ServedWorker.OfAsync(ServedWorker.Server(worker.Health));
        worker.ReachPostgres();
        await worker.EndSalesforceAsync();
        worker.Run();
        await worker.PassAsync(Step, () => worker.Health.StateOf("acme") == OrgState.Degraded);
        (await AskAsync(served, "ready")).ShouldStartWith("200 ok: acme: degraded: SignInUnavailableException");
        await worker.PassAsync(TimeSpan.FromMinutes(6), Step * 5);
        await worker.PassAsync(Step, () => worker.Health.StateOf("acme") == OrgState.Degraded);
        (await AskAsync(served, "ready")).ShouldMatch("^503 failing: acme//data/ChangeEvents: silent for \\d+ s, expected a sign of life within 300 s; acme: degraded: SignInUnavailableException");
        (await AskAsync(served, "startup")).ShouldBe("200 ok: ");
    }

    private static async Task<string> AskAsync(ServedWorker served, string path)
    {
        using var response = await served.AskAsync($"/health/{path}");
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        var reasons = json.RootElement.GetProperty("reasons").EnumerateArray().Select(r => r.GetString());
        return $"{(int)response.StatusCode} {json.RootElement.GetProperty("status").GetString()}: {string.Join("; ", reasons)}";
    }
}
