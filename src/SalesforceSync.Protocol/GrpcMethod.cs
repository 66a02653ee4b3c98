using Google.Protobuf;

namespace SalesforceSync.Protocol;

/// <summary>One method of a service: its HTTP/2 path and how its messages are read.</summary>
/// <param name="Path">Begins with a slash: <c>/package.Service/Method</c>.</param>
public sealed record GrpcMethod<TRequest, TResponse>(string Path, MessageParser<TRequest> Requests, MessageParser<TResponse> Responses)
    where TRequest : IMessage<TRequest>
    where TResponse : IMessage<TResponse>;
