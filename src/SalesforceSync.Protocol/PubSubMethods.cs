using Eventbus.V1;

namespace SalesforceSync.Protocol;

/// <summary>The methods of <c>eventbus.v1.PubSub</c>, as <c>proto/pubsub_api.proto</c> declares them.</summary>
public static class PubSubMethods
{
    public const string Service = "eventbus.v1.PubSub";

    public static GrpcMethod<FetchRequest, FetchResponse> Subscribe { get; } =
        new($"/{Service}/Subscribe", FetchRequest.Parser, FetchResponse.Parser);

    public static GrpcMethod<SchemaRequest, SchemaInfo> GetSchema { get; } =
        new($"/{Service}/GetSchema", SchemaRequest.Parser, SchemaInfo.Parser);

    public static GrpcMethod<TopicRequest, TopicInfo> GetTopic { get; } =
        new($"/{Service}/GetTopic", TopicRequest.Parser, TopicInfo.Parser);

    public static GrpcMethod<PublishRequest, PublishResponse> Publish { get; } =
        new($"/{Service}/Publish", PublishRequest.Parser, PublishResponse.Parser);

    public static GrpcMethod<PublishRequest, PublishResponse> PublishStream { get; } =
        new($"/{Service}/PublishStream", PublishRequest.Parser, PublishResponse.Parser);

    public static GrpcMethod<ManagedFetchRequest, ManagedFetchResponse> ManagedSubscribe { get; } =
        new($"/{Service}/ManagedSubscribe", ManagedFetchRequest.Parser, ManagedFetchResponse.Parser);
}
