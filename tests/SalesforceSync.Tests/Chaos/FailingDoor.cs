using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using SalesforceSync.Protocol;

namespace SalesforceSync.Tests.Chaos;

/// <summary>Stands before the simulated Salesforce and lets one of its calls fail.</summary>
internal sealed class FailingDoor(NthCall call)
{
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        var isGrpc = HttpProtocol.IsHttp2(context.Request.Protocol);
        switch (call.Count(isGrpc ? Callee.Grpc : Callee.Http))
        {
            case Failure.Unavailable when isGrpc:
                context.Response.ContentType = "application/grpc";
                context.Response.Headers["grpc-status"] = $"{(int)GrpcStatusCode.Unavailable}";
                break;
            case Failure.Unavailable:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                break;
            case Failure.CutBefore:
                Cut(context);
                break;
            case Failure.LoseAnswer:
                // What is asked for is done, to the last byte of an answer that nobody gets.
                context.Response.Body = Stream.Null;
                await next(context);
                Cut(context);
                break;
            default:
                await next(context);
                break;
        }
    }

    private static void Cut(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        context.Abort();
    }
}
