using Eventbus.V1;
using Microsoft.AspNetCore.Routing;
using SalesforceSync.Protocol;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Server;

/// <summary>The methods of the Pub/Sub API. Each call is checked for its three headers first.</summary>
internal sealed class PubSubEndpoints(
    SimulatedOrg org, AccessTokens tokens, FaultScript faults, CallCounts counts, SimulatorSettings settings, Func<string> instanceUrl, CancellationToken stopping)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapDuplex(PubSubMethods.Subscribe, SubscribeAsync);
        routes.MapUnary(PubSubMethods.GetSchema, GetSchemaAsync);
        routes.MapUnary(PubSubMethods.GetTopic, GetTopicAsync);
        // Change events are the org's own: nobody publishes them, and this org has no platform events.
        routes.MapUnary(PubSubMethods.Publish, (_, call) => Refused<PublishResponse>(call, "Publish"));
        routes.MapDuplex(PubSubMethods.PublishStream, call => Refused<PublishResponse>(call, "PublishStream"));
        routes.MapUnimplemented(PubSubMethods.Service);
    }

    private async Task SubscribeAsync(GrpcServerStream<FetchRequest, FetchResponse> stream)
    {
        var rpcId = Authorize(stream, "Subscribe");
        counts.Opened();
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(stream.Stop, stopping);
            await new Subscription(org, faults, counts, settings, stream, rpcId).RunAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, "the server is going down");
        }
        finally
        {
            counts.Closed();
        }
    }

    private Task<SchemaInfo> GetSchemaAsync(SchemaRequest request, GrpcServerCall call)
    {
        var rpcId = Authorize(call, "GetSchema");
        counts.Schema();
        if (faults.Take(FaultKind.FailGetSchema) is { } strike)
            throw PubSubErrors.Of(strike.Order.ErrorCode ?? PubSubErrors.SchemaUnavailable, "Failed on order.", "GetSchema", rpcId, strike.Order.Status);
        var schema = org.FindSchema(request.SchemaId)
            ?? throw PubSubErrors.Of(PubSubErrors.SchemaInvalid, "The schema id is not valid.", "GetSchema", rpcId);
        return Task.FromResult(new SchemaInfo { SchemaId = schema.Id, SchemaJson = schema.Json, RpcId = rpcId });
    }

    private Task<TopicInfo> GetTopicAsync(TopicRequest request, GrpcServerCall call)
    {
        var rpcId = Authorize(call, "GetTopic");
        counts.Topic();
        if (request.TopicName.Length == 0) throw PubSubErrors.Of(PubSubErrors.TopicEmpty, "Topic name cannot be empty.", "GetTopic", rpcId);
        var topic = org.FindTopic(request.TopicName)
            ?? throw PubSubErrors.Of(PubSubErrors.TopicNotFound, $"The topic {request.TopicName} was not found.", "GetTopic", rpcId);
        return Task.FromResult(new TopicInfo
        {
            TopicName = topic.Name,
            TenantGuid = org.Options.OrgId,
            CanSubscribe = topic.Single is not { } single || org.Access.MayRead(single),
            SchemaId = topic.Single?.Schema.Id ?? "",
            RpcId = rpcId
        });
    }

    private Task<T> Refused<T>(GrpcServerCall call, string rpc)
    {
        var rpcId = Authorize(call, rpc);
        throw PubSubErrors.Of("publish.topic.validation.empty", "The simulated org has no topic that can be published to.", rpc, rpcId, GrpcStatusCode.Unimplemented);
    }

    /// <returns>The call's id.</returns>
    private string Authorize(GrpcServerCall call, string rpc)
    {
        var rpcId = Guid.NewGuid().ToString("D");
        foreach (var header in (ReadOnlySpan<string>)["accesstoken", "instanceurl", "tenantid"])
        {
            if (string.IsNullOrWhiteSpace(call.RequestHeader(header)))
                throw PubSubErrors.Of(PubSubErrors.HeadersInvalid, $"The authentication header {header} is missing.", rpc, rpcId);
        }
        // The npm client derives a tenant of 15 characters from the token, and Salesforce takes it.
        var known = tokens.Accept(call.RequestHeader("accesstoken")!)
            && SalesforceId.Widen(call.RequestHeader("tenantid")!) == org.Options.OrgId
            && call.RequestHeader("instanceurl")!.TrimEnd('/') == instanceUrl().TrimEnd('/');
        return known ? rpcId : throw PubSubErrors.Of(PubSubErrors.AuthError, "The authentication has failed.", rpc, rpcId);
    }
}
