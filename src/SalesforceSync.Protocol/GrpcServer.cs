using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SalesforceSync.Protocol;

/// <summary>
/// gRPC methods as endpoints of Kestrel. The listener must speak HTTP/2 (<c>HttpProtocols.Http2</c>; without TLS that is prior knowledge).
/// A handler that returns ends its call with OK, one that throws <see cref="GrpcException"/> with that status and those trailers.
/// </summary>
public static class GrpcServer
{
    /// <summary>A method with one request and one response.</summary>
    public static IEndpointConventionBuilder MapUnary<TRequest, TResponse>(
        this IEndpointRouteBuilder routes,
        GrpcMethod<TRequest, TResponse> method,
        Func<TRequest, GrpcServerCall, Task<TResponse>> handler,
        int maxRequestBytes = GrpcFrame.DefaultMaxMessage)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
        => routes.MapDuplex(method, async stream =>
        {
            var request = await stream.ReadAsync(stream.Stop) ?? throw new GrpcException(GrpcStatusCode.Internal, "the request has no message");
            var response = await handler(request, stream);
            if (!stream.Broken)
            {
                await stream.WriteAsync(response, stream.Stop);
            }
        }, maxRequestBytes);

    /// <summary>A method with a stream of requests and a stream of responses.</summary>
    public static IEndpointConventionBuilder MapDuplex<TRequest, TResponse>(
        this IEndpointRouteBuilder routes,
        GrpcMethod<TRequest, TResponse> method,
        Func<GrpcServerStream<TRequest, TResponse>, Task> handler,
        int maxRequestBytes = GrpcFrame.DefaultMaxMessage)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(handler);
        return routes.MapPost(method.Path, (RequestDelegate)(context => AnswerAsync(context, method, handler, maxRequestBytes)));
    }

    /// <summary>Answers UNIMPLEMENTED for every method of the service that is not mapped; without it HTTP says 404, which clients take for the same.</summary>
    public static IEndpointConventionBuilder MapUnimplemented(this IEndpointRouteBuilder routes, string service)
        => routes.MapPost($"/{service}/{{method}}", (RequestDelegate)(context =>
        {
            context.Response.ContentType = GrpcHeaders.ContentType;
            WriteStatus(context.Response, GrpcStatusCode.Unimplemented, $"{context.Request.Path} is not served here", []);
            return Task.CompletedTask;
        }));

    private static async Task AnswerAsync<TRequest, TResponse>(
        HttpContext context, GrpcMethod<TRequest, TResponse> method, Func<GrpcServerStream<TRequest, TResponse>, Task> handler, int maxRequestBytes)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        if (!GrpcHeaders.IsGrpc(context.Request.ContentType) || !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        LiftBodyLimits(context);
        context.Response.ContentType = GrpcHeaders.ContentType;
        var time = context.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System;
        var timeout = GrpcTimeout.Parse(context.Request.Headers[GrpcHeaders.Timeout]);
        using var timer = new CancellationTokenSource(timeout is { TotalDays: < 30 } soon ? soon : Timeout.InfiniteTimeSpan, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, timer.Token);
        var stream = new GrpcServerStream<TRequest, TResponse>(context, method, timeout is { } wait ? time.GetUtcNow() + wait : null, maxRequestBytes, stop.Token);

        var end = await RunAsync(stream, handler, context, timer.Token);
        if (!stream.Broken && !context.RequestAborted.IsCancellationRequested)
        {
            WriteStatus(context.Response, end?.Status ?? GrpcStatusCode.OK, end?.Detail ?? "", end?.Trailers ?? []);
        }
    }

    /// <returns>Null for OK.</returns>
    private static async Task<GrpcException?> RunAsync<TRequest, TResponse>(
        GrpcServerStream<TRequest, TResponse> stream, Func<GrpcServerStream<TRequest, TResponse>, Task> handler, HttpContext context, CancellationToken deadline)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        try
        {
            await handler(stream);
            return null;
        }
        catch (GrpcException e)
        {
            return e;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return new GrpcException(GrpcStatusCode.DeadlineExceeded, "the deadline has passed");
        }
        catch (OperationCanceledException)
        {
            return new GrpcException(GrpcStatusCode.Cancelled, "the call was cancelled");
        }
        catch (Exception e)
        {
            // The owner of a request: the client learns that it failed, the log learns why.
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(GrpcServer)).HandlerFailed(context.Request.Path, e);
            return new GrpcException(GrpcStatusCode.Unknown, "the handler failed");
        }
    }

    /// <summary>
    /// With Kestrel's default body rate an idle stream is cut after seconds, and the whole connection with it (measured); and a stream
    /// of requests has no total size.
    /// </summary>
    private static void LiftBodyLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
    }

    private static void WriteStatus(HttpResponse response, GrpcStatusCode status, string detail, GrpcMetadata trailers)
    {
        // Nothing sent yet: the status goes into the headers and ends the stream (trailers-only).
        Action<string, string> write = response.HasStarted
            ? (name, value) => response.AppendTrailer(name, value)
            : (name, value) => response.Headers.Append(name, value);
        write(GrpcHeaders.Status, ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (detail.Length > 0)
        {
            write(GrpcHeaders.Message, PercentEncoding.Encode(detail));
        }

        foreach (var (name, value) in trailers)
        {
            write(name, value);
        }
    }
}
