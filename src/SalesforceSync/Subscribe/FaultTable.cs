using System.Collections.Frozen;
using System.Text.RegularExpressions;
using SalesforceSync.Protocol;

namespace SalesforceSync.Subscribe;

/// <summary>
/// Every way a Pub/Sub call fails and what to do then. The error code decides (trailer <c>error-code</c>, or the status text when a proxy has dropped
/// the trailers); the status decides only where the code is missing or new. Codes: Pub/Sub API guide, "Handling errors".
/// </summary>
internal static partial class FaultTable
{
    private const string Prefix = "sfdc.platform.eventbus.grpc.";
    private const string Corrupted = "subscription.fetch.replayid.corrupted";
    private const string NotValidated = "subscription.fetch.replayid.validation.failed";

    private const string Passes = "Nothing to do: the stream resumes by itself.";
    private const string OurBug = "This is a fault of the program: report it with the rpc id.";
    private const string NotPublishing = "The product does not publish: report it with the rpc id.";
    private const string NotManaged = "The product uses no managed subscriptions: report it with the rpc id.";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);

    private static readonly FrozenDictionary<string, Verdict> Known = new Verdict[]
    {
        new(Directive.Resume, "service.unavailable", Passes, null),
        new(Directive.SignInAgain, "service.auth.error", "If it repeats, check the connected app, its user and its IP ranges.", null),
        new(Directive.SignInAgain, "service.auth.refresh.invalid", "If it repeats, check the connected app and its user.", null),
        new(Directive.Stop, "service.auth.headers.invalid", "Check LoginUrl and Auth: token, instance URL or org id was refused as a header.", null),
        new(Directive.SlowDown, "service.protection.stream.limit.triggered", "Salesforce gets too many requests on the stream; it resumes in a minute.", Minute),
        new(Directive.SlowDown, "service.protection.triggered", "Too many connections or requests reach Salesforce; look for other clients of this org.", Minute),
        new(Directive.Stop, "service.tenant.license", "The org is not licensed for the Pub/Sub API: ask Salesforce for it.", null),
        new(Directive.Wait, "concurrent.client.limit.exceeded", "Too many clients subscribe in this org: end some of them.", Minute),
        new(Directive.Wait, "topic.not.found", "Check Channels, that Change Data Capture is on for the object, and the user's access.", Minute),
        new(Directive.Wait, "topic.meta.permission", "Give the integration user access to the channel.", Minute),
        new(Directive.Resume, "topic.api.unavailable", Passes, null),
        new(Directive.Stop, "topic.validation.empty", "A channel without a name was asked for: check Channels.", null),
        new(Directive.Wait, "schema.meta.permission", "Give the integration user access to the schema of the channel's objects.", Minute),
        new(Directive.Resume, "schema.api.unavailable", Passes, null),
        new(Directive.Stop, "schema.validation.failed", OurBug, null),
        new(Directive.Repair, Corrupted, "The stored position is no longer valid: the window in doubt is recorded and read again.", null),
        new(Directive.Repair, NotValidated, "The stored position was refused: the window in doubt is recorded and read again.", null),
        // The server saw an id go backwards; what comes again is told by its replay id and skipped.
        new(Directive.Resume, "subscription.fetch.replay.repeated", Passes, null),
        new(Directive.SlowDown, "subscription.limit.exceeded", "The org's 24-hour allowance of delivered events is used up: raise it, or select fewer objects, within 72 hours.", QuarterHour),
        // Salesforce counts credit otherwise than we do; a new call begins the count anew.
        new(Directive.Resume, "subscription.fetch.overflow", Passes, null),
        new(Directive.Stop, "subscription.fetch.requested.events.invalid", OurBug, null),
        new(Directive.Stop, "subscription.fetch.topic.mismatch", OurBug, null),
        new(Directive.Stop, "subscription.fetch.request.invalid", OurBug, null),
        new(Directive.Wait, "subscription.topic.cannot.subscribe", "Give the integration user View All on the channel's objects.", Minute),
        new(Directive.Resume, "subscription.internal.error", Passes, null),
        new(Directive.Stop, "publish.stream.sweeper.timeout", NotPublishing, null),
        new(Directive.Stop, "publish.auth.refresh.invalid", NotPublishing, null),
        new(Directive.Stop, "publish.event.count.invalid", NotPublishing, null),
        new(Directive.Stop, "publish.topic.mismatch", NotPublishing, null),
        new(Directive.Stop, "publish.topic.validation.empty", NotPublishing, null),
        // The other client goes, or somebody sets the subscription to RUN again: both pass without us.
        new(Directive.Wait, "managed.subscription.already.active", "Another client holds the managed subscription: end it.", Minute),
        new(Directive.Wait, "managed.subscription.config.stopped", "Set the managed subscription to RUN.", Minute),
        new(Directive.Wait, "managed.subscription.config.deleted", "Create the managed subscription again.", Minute),
        new(Directive.Stop, "managed.subscription.developer.name.not.found", NotManaged, null),
        new(Directive.Stop, "managed.subscription.subscription.id.not.found", NotManaged, null),
        new(Directive.Stop, "managed.subscription.subscription.id.invalid", NotManaged, null),
        new(Directive.Stop, "managed.subscription.id.or.developer.name.empty", NotManaged, null),
        new(Directive.Stop, "managed.subscription.fetch.request.events.invalid", NotManaged, null),
        new(Directive.Stop, "managed.subscription.fetch.request.invalid", NotManaged, null),
        new(Directive.Stop, "managed.subscription.fetch.request.commit.request.restricted", NotManaged, null),
        new(Directive.Stop, "managed.subscription.fetch.request.auth.request.restricted", NotManaged, null),
    }.ToFrozenDictionary(row => row.Code, StringComparer.OrdinalIgnoreCase);

    /// <summary>Pure: the same failure always gets the same verdict.</summary>
    /// <param name="resumedWithId">True when the call asked for CUSTOM with a replay id that was not empty.</param>
    public static Verdict Decide(GrpcException fault, bool resumedWithId)
    {
        var code = CodeOf(fault);
        if (code is null || !Known.TryGetValue(code, out var known))
            return ByStatus(fault, code);
        // Without an id of ours to blame, the request was built wrongly: repairing would hide the bug and cost a full read each time.
        return known.Code == NotValidated && !resumedWithId ? known with { Directive = Directive.Stop, Remedy = OurBug } : known;
    }

    /// <summary>The error code without its prefix; null when neither the trailers nor the text hold one.</summary>
    private static string? CodeOf(GrpcException fault)
    {
        if (fault.Trailers.Get("error-code") is { Length: > 0 } trailer)
            return WithoutPrefix(trailer.Trim());
        var words = DottedWord().Matches(fault.Detail).Select(match => match.Value).ToList();
        // A known code first: the text may name hosts and classes, which are dotted words too.
        return words.Select(WithoutPrefix).FirstOrDefault(Known.ContainsKey)
            ?? words.Where(word => word.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)).Select(WithoutPrefix).FirstOrDefault();
    }

    private static string WithoutPrefix(string code) => code.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? code[Prefix.Length..] : code;

    private static Verdict ByStatus(GrpcException fault, string? code)
    {
        var name = code ?? fault.Status.ToString();
        return (fault.FromServer, fault.Status) switch
        {
            // Also as a bare HTTP 401: whoever answers there says that the token is no good, and resuming with it would never end.
            (_, GrpcStatusCode.Unauthenticated) => new(Directive.SignInAgain, name, "If it repeats, check the connected app, its user and its IP ranges.", null),
            // HTTP 403: a proxy or a firewall on the way lets nobody through.
            (false, GrpcStatusCode.PermissionDenied) => new(Directive.Wait, name, "Check PubSubEndpoint and proxies on the way: one of them refuses the call.", Minute),
            // HTTP 404: whatever answers there is no Pub/Sub API, but a proxy in front of it may say so for a while.
            (false, GrpcStatusCode.Unimplemented) => new(Directive.Wait, name, "Check PubSubEndpoint and proxies on the way: no Pub/Sub API answers there.", Minute),
            // A reset, a lost connection, a refused one, a gateway's page: the server has said nothing about us.
            (false, _) => new(Directive.Resume, name, "If it repeats, check the network and proxies on the way to PubSubEndpoint.", null),
            (_, GrpcStatusCode.Unavailable or GrpcStatusCode.DeadlineExceeded or GrpcStatusCode.Aborted or GrpcStatusCode.Cancelled) =>
                new(Directive.Resume, name, Passes, null),
            // Salesforce and the proxies before it report their own outages and resets as INTERNAL, often without a code; a faulty request is
            // INVALID_ARGUMENT there.
            (_, GrpcStatusCode.Internal) => new(Directive.Resume, name, Passes, null),
            (_, GrpcStatusCode.ResourceExhausted) => new(Directive.SlowDown, name, "A limit of Salesforce was reached; the stream resumes after a pause.", QuarterHour),
            (_, GrpcStatusCode.NotFound or GrpcStatusCode.PermissionDenied) =>
                new(Directive.Wait, name, "Check Channels, that Change Data Capture is on for the object, and the user's access.", Minute),
            // INVALID_ARGUMENT without its code never means a lost position: a bug in a request would silently cost the stored one.
            // UNKNOWN is a handler that failed over there, with our request as the likely reason; retrying for ever would hide it.
            _ => new(Directive.Stop, name, "Salesforce refused the call for a reason this version does not know: report it with the rpc id.", null),
        };
    }

    [GeneratedRegex(@"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)+")]
    private static partial Regex DottedWord();
}
