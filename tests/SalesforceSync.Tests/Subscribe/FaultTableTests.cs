using SalesforceSync.Protocol;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Subscribe;

public class FaultTableTests
{
    private const string Prefix = "sfdc.platform.eventbus.grpc.";

    /// <summary>Every code of the guide's "Handling errors", in answer to a call that resumed with an id.</summary>
    public static TheoryData<string, string> Codes => new()
    {
        { "service.unavailable", "Resume" },
        { "service.auth.error", "SignInAgain" },
        { "service.auth.headers.invalid", "Stop" },
        { "service.auth.refresh.invalid", "SignInAgain" },
        { "service.protection.stream.limit.triggered", "SlowDown" },
        { "service.protection.triggered", "SlowDown" },
        { "service.tenant.license", "Stop" },
        { "concurrent.client.limit.exceeded", "Wait" },
        { "topic.not.found", "Wait" },
        { "topic.meta.permission", "Wait" },
        { "topic.api.unavailable", "Resume" },
        { "topic.validation.empty", "Stop" },
        { "schema.meta.permission", "Wait" },
        { "schema.api.unavailable", "Resume" },
        { "schema.validation.failed", "Stop" },
        { "subscription.fetch.replayid.corrupted", "Repair" },
        { "subscription.fetch.replayid.validation.failed", "Repair" },
        { "subscription.fetch.replay.repeated", "Resume" },
        { "subscription.limit.exceeded", "SlowDown" },
        { "subscription.fetch.overflow", "Resume" },
        { "subscription.fetch.requested.events.invalid", "Stop" },
        { "subscription.fetch.topic.mismatch", "Stop" },
        { "subscription.fetch.request.invalid", "Stop" },
        { "subscription.topic.cannot.subscribe", "Wait" },
        { "subscription.internal.error", "Resume" },
        { "publish.stream.sweeper.timeout", "Stop" },
        { "publish.auth.refresh.invalid", "Stop" },
        { "publish.event.count.invalid", "Stop" },
        { "publish.topic.mismatch", "Stop" },
        { "publish.topic.validation.empty", "Stop" },
        { "managed.subscription.already.active", "Wait" },
        { "managed.subscription.config.stopped", "Wait" },
        { "managed.subscription.config.deleted", "Wait" },
        { "managed.subscription.developer.name.not.found", "Stop" },
        { "managed.subscription.subscription.id.not.found", "Stop" },
        { "managed.subscription.subscription.id.invalid", "Stop" },
        { "managed.subscription.id.or.developer.name.empty", "Stop" },
        { "managed.subscription.fetch.request.events.invalid", "Stop" },
        { "managed.subscription.fetch.request.invalid", "Stop" },
        { "managed.subscription.fetch.request.commit.request.restricted", "Stop" },
        { "managed.subscription.fetch.request.auth.request.restricted", "Stop" },
    };

    [Theory]
    [MemberData(nameof(Codes))]
    public void Code_decides_wherever_it_stands_and_whatever_the_status(string code, string directive)
    {
        var expected = Enum.Parse<Directive>(directive);
        foreach (var status in new[] { GrpcStatusCode.InvalidArgument, GrpcStatusCode.Internal, GrpcStatusCode.Unavailable })
        {
            foreach (var fault in new[]
            {
                Fault(status, "no", Prefix + code),
                Fault(status, "no", code),
                Fault(status, $"Something failed: {Prefix}{code}. rpcId: 1f-2e"),
                Fault(status, $"api.pubsub.salesforce.com says {code}"),
            })
            {
                var verdict = FaultTable.Decide(fault, resumedWithId: true);
                verdict.Directive.ShouldBe(expected, fault.Message);
                verdict.Code.ShouldBe(code);
                verdict.Remedy.ShouldEndWith(".");
            }
        }
    }

    [Fact]
    public void Lost_position_is_believed_by_its_code_alone()
    {
        FaultTable.Decide(Fault(GrpcStatusCode.InvalidArgument, "bad replay id"), resumedWithId: true).Directive.ShouldBe(Directive.Stop);
        FaultTable.Decide(Fault(GrpcStatusCode.InvalidArgument, "no", Prefix + "something.new"), resumedWithId: true).Directive.ShouldBe(Directive.Stop);
        FaultTable.Decide(Fault(GrpcStatusCode.InvalidArgument, "no", Prefix + "subscription.fetch.replayid.corrupted"), resumedWithId: false).Directive
            .ShouldBe(Directive.Repair);
    }

    [Fact]
    public void Refused_id_is_our_bug_when_we_gave_none()
    {
        var fault = Fault(GrpcStatusCode.InvalidArgument, "no", Prefix + "subscription.fetch.replayid.validation.failed");
        FaultTable.Decide(fault, resumedWithId: false).Directive.ShouldBe(Directive.Stop);
        FaultTable.Decide(fault, resumedWithId: true).Directive.ShouldBe(Directive.Repair);
    }

    [Theory]
    [InlineData(GrpcStatusCode.Unavailable, "Resume")]
    [InlineData(GrpcStatusCode.DeadlineExceeded, "Resume")]
    [InlineData(GrpcStatusCode.Aborted, "Resume")]
    [InlineData(GrpcStatusCode.Cancelled, "Resume")]
    [InlineData(GrpcStatusCode.Internal, "Resume")]
    [InlineData(GrpcStatusCode.Unauthenticated, "SignInAgain")]
    [InlineData(GrpcStatusCode.ResourceExhausted, "SlowDown")]
    [InlineData(GrpcStatusCode.NotFound, "Wait")]
    [InlineData(GrpcStatusCode.PermissionDenied, "Wait")]
    [InlineData(GrpcStatusCode.InvalidArgument, "Stop")]
    [InlineData(GrpcStatusCode.Unknown, "Stop")]
    [InlineData(GrpcStatusCode.FailedPrecondition, "Stop")]
    [InlineData(GrpcStatusCode.OutOfRange, "Stop")]
    [InlineData(GrpcStatusCode.Unimplemented, "Stop")]
    [InlineData(GrpcStatusCode.DataLoss, "Stop")]
    [InlineData(GrpcStatusCode.AlreadyExists, "Stop")]
    public void Without_a_known_code_the_status_decides(GrpcStatusCode status, string directive)
    {
        FaultTable.Decide(Fault(status, "no"), resumedWithId: true).Directive.ShouldBe(Enum.Parse<Directive>(directive));
        var unknown = FaultTable.Decide(Fault(status, "no", Prefix + "something.new"), resumedWithId: true);
        unknown.Directive.ShouldBe(Enum.Parse<Directive>(directive));
        unknown.Code.ShouldBe("something.new");
    }

    [Fact]
    public void Broken_transport_is_resumed_whatever_status_was_made_of_it()
    {
        GrpcStatusCode[] answered = [GrpcStatusCode.OK, GrpcStatusCode.Unimplemented, GrpcStatusCode.Unauthenticated, GrpcStatusCode.PermissionDenied];
        foreach (var status in Enum.GetValues<GrpcStatusCode>().Except(answered))
            FaultTable.Decide(new GrpcException(status, "RST_STREAM closed stream. HTTP/2 error code: NO_ERROR"), resumedWithId: true).Directive.ShouldBe(Directive.Resume);
    }

    [Theory]
    [InlineData(401, "SignInAgain")]
    [InlineData(403, "Wait")]
    [InlineData(404, "Wait")]
    [InlineData(503, "Resume")]
    public void Bare_http_answer_counts_for_what_it_says(int http, string directive)
    {
        using var answer = new HttpResponseMessage((System.Net.HttpStatusCode)http);
        FaultTable.Decide(StatusMap.FromHeaders(answer)!.Error!, resumedWithId: true).Directive.ShouldBe(Enum.Parse<Directive>(directive));
    }

    [Fact]
    public void Too_many_clients_are_waited_out_slowly_and_a_person_is_told()
    {
        var verdict = FaultTable.Decide(Fault(GrpcStatusCode.ResourceExhausted, "no", Prefix + "concurrent.client.limit.exceeded"), resumedWithId: true);
        verdict.Directive.ShouldBe(Directive.Wait);
        verdict.Pause.ShouldBe(TimeSpan.FromMinutes(1));
        verdict.Remedy.ShouldContain("end some of them");
    }

    [Fact]
    public void Pauses_are_long_only_where_a_limit_was_reached()
    {
        FaultTable.Decide(Fault(GrpcStatusCode.ResourceExhausted, "no", "subscription.limit.exceeded"), true).Pause.ShouldBe(TimeSpan.FromMinutes(15));
        FaultTable.Decide(Fault(GrpcStatusCode.ResourceExhausted, "no", "service.protection.triggered"), true).Pause.ShouldBe(TimeSpan.FromMinutes(1));
        FaultTable.Decide(Fault(GrpcStatusCode.NotFound, "no", "topic.not.found"), true).Pause.ShouldBe(TimeSpan.FromMinutes(1));
        FaultTable.Decide(Fault(GrpcStatusCode.Unavailable, "no"), true).Pause.ShouldBeNull();
    }

    private static GrpcException Fault(GrpcStatusCode status, string detail, string? code = null) =>
        new(status, detail, code is null ? null : new GrpcMetadata { { "error-code", code } }, fromServer: true);
}
