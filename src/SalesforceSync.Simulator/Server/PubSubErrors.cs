using SalesforceSync.Protocol;

namespace SalesforceSync.Simulator.Server;

/// <summary>
/// Errors in the shape of the Pub/Sub API: a status, the trailers <c>error-code</c>, <c>rpc-id</c> and <c>type</c>, and the rpc id once more in the message
/// (documentation "Handling Errors"; trailers seen in captured errors).
/// </summary>
internal static class PubSubErrors
{
    public const string HeadersInvalid = "service.auth.headers.invalid";
    public const string AuthError = "service.auth.error";
    public const string TopicNotFound = "topic.not.found";
    public const string TopicEmpty = "topic.validation.empty";
    public const string TopicMismatch = "subscription.fetch.topic.mismatch";
    public const string CannotSubscribe = "subscription.topic.cannot.subscribe";
    public const string RequestedInvalid = "subscription.fetch.requested.events.invalid";
    public const string ReplayIdMissing = "subscription.fetch.replayid.validation.failed";
    public const string ReplayIdCorrupted = "subscription.fetch.replayid.corrupted";
    public const string SchemaInvalid = "schema.validation.failed";
    public const string SchemaUnavailable = "schema.api.unavailable";
    private const string Prefix = "sfdc.platform.eventbus.grpc.";

    /// <param name="code">Without the common prefix.</param>
    /// <param name="rpc">The method, for the trailer <c>type</c>.</param>
    /// <param name="rpcId">The call's id.</param>
    /// <param name="status">Null for the status Salesforce is known to give with the code.</param>
    public static GrpcException Of(string code, string detail, string rpc, string rpcId, GrpcStatusCode? status = null)
        => new(status ?? StatusOf(code), $"{detail} rpcId: {rpcId}", new GrpcMetadata
        {
            { "error-code", code.StartsWith(Prefix, StringComparison.Ordinal) ? code : Prefix + code },
            { "rpc-id", rpcId },
            { "type", rpc }
        });

    private static GrpcStatusCode StatusOf(string code) => code switch
    {
        AuthError or HeadersInvalid or "service.auth.refresh.invalid" => GrpcStatusCode.Unauthenticated,
        TopicNotFound => GrpcStatusCode.NotFound,
        "service.protection.triggered" or "service.protection.stream.limit.triggered" or "subscription.limit.exceeded" or "concurrent.client.limit.exceeded"
            => GrpcStatusCode.ResourceExhausted,
        "service.tenant.license" or "topic.meta.permission" or "schema.meta.permission" or CannotSubscribe => GrpcStatusCode.PermissionDenied,
        "topic.api.unavailable" or SchemaUnavailable => GrpcStatusCode.Unavailable,
        // Observed with INTERNAL, not with UNAVAILABLE.
        "service.unavailable" or "subscription.internal.error" => GrpcStatusCode.Internal,
        _ => GrpcStatusCode.InvalidArgument
    };
}
