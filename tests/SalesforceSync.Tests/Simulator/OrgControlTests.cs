using SalesforceSync.Protocol;
using SalesforceSync.Simulator.Control;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Tests.Simulator;

public class OrgControlTests
{
    [Fact]
    public async Task Another_process_changes_the_org_and_is_told_what_was_done()
    {
        var stop = PubSubClient.Deadline();
        await using var simulated = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), TimeProvider.System, stop);
        using var control = new SimulatorControl(new Uri(simulated.LoginUrl));
        await control.PrefillAsync(new PrefillOrder { Records = 500 }, stop);
        await control.CommitAsync(HardKind.HardDelete, 5, stop);
        await control.CommitAsync(HardKind.MergedGap, 5, stop);
        await control.ChangeFieldAsync(new FieldOrder("Lead", "Given__c", FieldAct.Add, "Double"), stop);
        await control.ChangeFieldAsync(new FieldOrder("Lead", "Given__c", FieldAct.ChangeType, "Text", Announcement.Wildcard), stop);
        await control.ChangeFieldAsync(new FieldOrder("Account", "Age__c", FieldAct.AddFormula), stop);
        await control.AllowAsync(new AccessOrder("Contact", "Email", Allowed: false), stop);
        await control.SelectAsync(new SelectionOrder("Opportunity", Selected: false), stop);
        await control.AdvanceAsync(TimeSpan.FromHours(71), stop);
        await control.ArmAsync(FaultKind.LoseEvents, new FaultOrder { Times = 2 }, stop);
        await control.CommitAsync(HardKind.TextDifference, 2, stop);
        (await Should.ThrowAsync<HttpRequestException>(() => control.AllowAsync(new AccessOrder("Nothing", null, Allowed: false), stop))).Message.ShouldContain("Nothing");

        var state = await control.StateAsync(stop);
        state.Ahead.ShouldBe(TimeSpan.FromHours(71));
        state.Acts[OrgAct.Prefilled].ShouldBe(500);
        state.Acts[OrgAct.Purge].ShouldBeInRange(5, 10);
        (state.Acts[OrgAct.Wildcard], state.Acts[OrgAct.SchemaChange], state.Acts[OrgAct.Permission], state.Acts[OrgAct.Selection]).ShouldBe((1, 3, 1, 1));
        state.Acts[OrgAct.SilentChange].ShouldBeGreaterThanOrEqualTo(2);
        var truth = await control.TruthAsync(stop);
        truth.Hash().ShouldBe(simulated.Org.Truth().Hash());
        truth.Objects["Contact"].Where(field => !field.Visible).Select(field => field.Name).ShouldBe(["Email"]);
        truth.Objects["Account"].Single(field => field.Formula).Name.ShouldBe("Age__c");
        truth.Records.Count(record => record.Purged).ShouldBe((int)state.Acts[OrgAct.Purge]);
    }

    [Fact]
    public async Task Outage_of_71_hours_resumes_and_one_of_73_is_refused()
    {
        var stop = PubSubClient.Deadline();
        await using var simulated = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), TimeProvider.System, stop);
        using var client = await PubSubClient.SignInAsync(simulated);
        OrgEvents.New(simulated.Org, "Lead", ("LastName", "before"));
        var stream = await client.SubscribeAsync(10);
        var last = (await stream.ReadAsync(1))[0].ReplayId;
        await stream.DisposeAsync();
        simulated.Org.Advance(TimeSpan.FromHours(71));
        OrgEvents.New(simulated.Org, "Lead", ("LastName", "meanwhile"));
        await using (var resumed = await client.SubscribeAsync(10, preset: Eventbus.V1.ReplayPreset.Custom, after: last)) (await resumed.ReadAsync(1)).Count.ShouldBe(1);
        simulated.Org.Advance(TimeSpan.FromHours(2));
        await using var refused = await client.SubscribeAsync(10, preset: Eventbus.V1.ReplayPreset.Custom, after: last);
        var failure = await refused.FailureAsync();
        failure.Trailers.Get("error-code").ShouldBe("sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted");
        failure.Status.ShouldBe(GrpcStatusCode.InvalidArgument);
    }

    [Fact]
    public async Task Topic_of_an_object_the_user_may_not_read_is_refused()
    {
        var stop = PubSubClient.Deadline();
        await using var simulated = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), TimeProvider.System, stop);
        using var client = await PubSubClient.SignInAsync(simulated);
        simulated.Org.Access.Allow("Lead", allowed: false);
        (await client.GetTopicAsync("/data/LeadChangeEvent")).CanSubscribe.ShouldBeFalse();
        await using var refused = await client.SubscribeAsync(10, "/data/LeadChangeEvent");
        (await refused.FailureAsync()).Status.ShouldBe(GrpcStatusCode.PermissionDenied);
        await using var all = await client.SubscribeAsync(10);
        OrgEvents.New(simulated.Org, "Lead", ("LastName", "unseen"));
        OrgEvents.New(simulated.Org, "Contact", ("LastName", "seen"));
        OrgEvents.Header(OrgEvents.Body(simulated.Org, (await all.ReadAsync(1))[0]))["entityName"].ShouldBe("Contact");
    }
}
