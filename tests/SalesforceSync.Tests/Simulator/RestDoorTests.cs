using System.Globalization;
using System.Net;
using SalesforceSync.Simulator.Control;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Simulator;

/// <summary>What all REST requests share: the session, the allowance, the counts, the ordered faults; and descriptions.</summary>
public sealed class RestDoorTests : IAsyncDisposable
{
    private readonly ManualClock _clock = new();
    private SimulatedSalesforce? _simulated;
    private RestSession? _session;

    private SimulatedSalesforce Simulated => _simulated!;

    private RestSession Session => _session!;

    public async ValueTask DisposeAsync()
    {
        _session?.Dispose();
        if (_simulated is not null) await _simulated.DisposeAsync();
    }

    [Fact]
    public async Task Calls_are_counted_by_kind_and_told_on_every_answer()
    {
        await StartAsync(new Allowances { DailyCalls = 1000, DailyBulkQueryJobs = 2 });
        var job = await Session.BulkAsync("SELECT Id FROM Account");
        await Session.StateAsync(job);
        await Session.GetAsync($"jobs/query/{job}/results");
        await Session.GetAsync($"jobs/query/{job}/resultPages");
        await Session.GetAsync("sobjects");
        await Session.GetAsync("sobjects/Account/describe");
        await Session.QueryAsync("SELECT Id FROM Nope");
        await Session.GetAsync("tooling/query?q=SELECT+Id+FROM+PlatformEventChannel");
        var last = await Session.PostAsync("composite/sobjects/Account", """{"ids":["001Dp0000000001IAA"],"fields":["Id"]}""");
        last.Headers["Sforce-Limit-Info"].ShouldBe("api-usage=9/1000");

        using var control = new SimulatorControl(new Uri(Simulated.LoginUrl));
        var state = await control.StateAsync(PubSubClient.Deadline());
        state.RestByKind.ShouldBe(
            new Dictionary<CallKind, long>
            {
                [CallKind.DescribeGlobal] = 1,
                [CallKind.Describe] = 1,
                [CallKind.Query] = 1,
                [CallKind.Retrieve] = 1,
                [CallKind.BulkCreate] = 1,
                [CallKind.BulkState] = 1,
                [CallKind.BulkResults] = 1,
                [CallKind.BulkPages] = 1,
                [CallKind.Tooling] = 1
            },
            ignoreOrder: true);
        (state.RestCalls, state.TokenCalls).ShouldBe((9, 1));

        await Session.BulkAsync("SELECT Id FROM Account");
        (await Session.PostAsync("jobs/query", """{"operation":"query","query":"SELECT Id FROM Account"}""")).Refusal.ShouldBe((400, "EXCEEDEDQUOTA"));
        var limits = (await Session.GetAsync("limits")).Json;
        limits.GetProperty("DailyApiRequests").GetRawText().ShouldBe("""{"Max":1000,"Remaining":988}""");
        limits.GetProperty("DailyBulkV2QueryJobs").GetRawText().ShouldBe("""{"Max":2,"Remaining":0}""");
    }

    [Fact]
    public async Task Allowance_that_is_used_up_refuses_and_comes_back_a_day_later()
    {
        await StartAsync(new Allowances { DailyCalls = 2 });
        await Session.GetAsync("sobjects");
        _clock.Advance(TimeSpan.FromHours(2));
        (await Session.GetAsync("sobjects")).Status.ShouldBe(HttpStatusCode.OK);
        var refused = await Session.GetAsync("sobjects");
        refused.Refusal.ShouldBe((403, "REQUEST_LIMIT_EXCEEDED"));
        refused.Headers["Sforce-Limit-Info"].ShouldBe("api-usage=2/2");
        Simulated.Counts.Rest.ShouldBe(2);
        _clock.Advance(TimeSpan.FromHours(22));
        (await Session.GetAsync("sobjects")).Status.ShouldBe(HttpStatusCode.OK);
        (await Session.GetAsync("sobjects")).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Ordered_faults_strike_requests()
    {
        await StartAsync();
        Simulated.Faults.Arm(FaultKind.RestUnavailable);
        Simulated.Faults.Arm(FaultKind.RestUnauthorized, new FaultOrder { AfterCalls = 1 });
        Simulated.Faults.Arm(FaultKind.RestLimitExceeded, new FaultOrder { AfterCalls = 1 });
        (await Session.GetAsync("sobjects")).Refusal.ShouldBe((503, "SERVER_UNAVAILABLE"));
        (await Session.GetAsync("sobjects")).Status.ShouldBe(HttpStatusCode.OK);
        (await Session.GetAsync("sobjects")).Refusal.ShouldBe((401, "INVALID_SESSION_ID"));
        (await Session.GetAsync("sobjects")).Refusal.ShouldBe((403, "REQUEST_LIMIT_EXCEEDED"));
        Simulated.Faults.Arm(FaultKind.RefuseTooling);
        (await Session.GetAsync("tooling/query?q=SELECT+Id+FROM+PlatformEventChannel")).Refusal.ShouldBe((403, "INSUFFICIENT_ACCESS"));
        var slow = Simulated.Faults.Arm(FaultKind.SlowRest, new FaultOrder { Delay = TimeSpan.FromSeconds(9) });
        var waiting = Session.GetAsync("sobjects");
        var deadline = PubSubClient.Deadline();
        while (slow.Fired == 0) await Task.Yield();
        waiting.IsCompleted.ShouldBeFalse();
        while (!waiting.IsCompleted)
        {
            deadline.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        (await waiting).Status.ShouldBe(HttpStatusCode.OK);
        Simulated.Faults.Fired.Values.ShouldBe([1, 1, 1, 1, 1]);
    }

    [Fact]
    public async Task Description_is_sent_again_only_when_it_changed()
    {
        await StartAsync();
        var first = await Session.GetAsync("sobjects/Account/describe");
        first.Headers["Last-Modified"].ShouldBe("Fri, 20 Nov 2026 10:00:00 GMT");
        _clock.Advance(TimeSpan.FromHours(1));
        var same = await Session.GetAsync("sobjects/Account/describe", ("If-Modified-Since", first.Headers["Last-Modified"]));
        (same.Status, same.Bytes.Length).ShouldBe((HttpStatusCode.NotModified, 0));
        Simulated.Org.AddField("Account", new SimulatedField("Later__c", FieldKind.Currency) { FieldId = "00NDp00000A9999" });
        Simulated.Org.Access.Show("Account", "BillingAddress", shown: false);
        var changed = await Session.GetAsync("sobjects/Account/describe", ("If-Modified-Since", _clock.GetUtcNow().ToString("r", CultureInfo.InvariantCulture)));
        changed.Status.ShouldBe(HttpStatusCode.OK);
        var fields = changed.Json.GetProperty("fields").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!);
        fields["Later__c"].GetRawText().ShouldBe(
            """{"name":"Later__c","label":"Later","type":"currency","length":0,"precision":18,"scale":2,"nillable":true,"calculated":false,"custom":true,"compoundFieldName":null,"extraTypeInfo":null}""");
        fields.Keys.ShouldNotContain("BillingCity");
        fields["ShippingCity"].GetProperty("compoundFieldName").GetString().ShouldBe("ShippingAddress");
        fields["Loc__Latitude__s"].GetProperty("compoundFieldName").GetString().ShouldBe("Loc__c");
        (fields["Loc__c"].GetProperty("type").GetString(), fields["Name"].GetProperty("extraTypeInfo").GetString()).ShouldBe(("location", "switchablepersonname"));
    }

    [Fact]
    public async Task Unknown_versions_and_long_addresses_are_refused()
    {
        await StartAsync();
        (await Session.GetAsync("/services/data/vX/sobjects")).Refusal.ShouldBe((404, "NOT_FOUND"));
        (await Session.GetAsync("query?q=" + new string('x', 17_000))).Status.ShouldBe(HttpStatusCode.RequestUriTooLong);
        (await Session.GetAsync("query?q=" + new string('x', 15_000))).Refusal.ShouldBe((400, "MALFORMED_QUERY"));
    }

    private async Task StartAsync(Allowances? allowances = null)
    {
        _simulated = await SimulatedSalesforce.StartAsync(new SimulatorSettings { Allowances = allowances ?? new Allowances() }, _clock, CancellationToken.None);
        _session = await RestSession.SignInAsync(_simulated);
    }
}
