using System.Globalization;
using System.Net;

namespace SalesforceSync.Protocol;

/// <summary>Turns what HTTP/2 delivered into the status of a call (PROTOCOL-HTTP2.md and http-grpc-status-mapping.md of grpc).</summary>
internal static class StatusMap
{
    /// <returns>The end of a call whose headers are already its end or are no answer of a gRPC server; null when a body follows.</returns>
    public static CallEnd? FromHeaders(HttpResponseMessage response)
    {
        // A trailers-only answer has its status here; SocketsHttpHandler never moves it to the trailing headers.
        if (response.Headers.Contains(GrpcHeaders.Status))
        {
            return FromMetadata(Collect(response.Headers));
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return Failed(FromHttp(response.StatusCode), $"HTTP status {(int)response.StatusCode} and no gRPC status");
        }

        var contentType = response.Content.Headers.ContentType?.ToString();
        return GrpcHeaders.IsGrpc(contentType) ? null : Failed(GrpcStatusCode.Unknown, $"content type {contentType ?? "(none)"} is not gRPC");
    }

    /// <summary>Trailers exist only after the body was read to its end.</summary>
    public static CallEnd FromTrailers(HttpResponseMessage response) => FromMetadata(Collect(response.TrailingHeaders));

    /// <summary>What HTTP throws when a stream, a connection or a token ends; anything else is a bug and passes.</summary>
    public static bool IsTransport(Exception e) => e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException;

    /// <summary>What a broken transport means; the result never claims to come from the server.</summary>
    public static GrpcException FromTransport(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is HttpProtocolException protocol)
            {
                return new GrpcException(FromHttp2(protocol.ErrorCode), protocol.Message, innerException: error);
            }
        }

        return new GrpcException(GrpcStatusCode.Unavailable, error.InnerException is { } inner ? $"{error.Message}: {inner.Message}" : error.Message, innerException: error);
    }

    public static GrpcMetadata Collect(System.Net.Http.Headers.HttpResponseHeaders headers)
    {
        var metadata = new GrpcMetadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
            {
                metadata.AddReceived(name, value);
            }
        }

        return metadata;
    }

    private static CallEnd FromMetadata(GrpcMetadata trailers)
    {
        var text = trailers.Get(GrpcHeaders.Status);
        if (text is null)
        {
            return Failed(GrpcStatusCode.Internal, "the answer ended without a gRPC status");
        }

        var known = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code <= (int)GrpcStatusCode.Unauthenticated;
        var status = known ? (GrpcStatusCode)code : GrpcStatusCode.Unknown;
        var detail = PercentEncoding.Decode(trailers.Get(GrpcHeaders.Message) ?? "");
        return new CallEnd(trailers, status == GrpcStatusCode.OK ? null : new GrpcException(status, detail, trailers, fromServer: true));
    }

    private static CallEnd Failed(GrpcStatusCode status, string detail) => new([], new GrpcException(status, detail));

    private static GrpcStatusCode FromHttp(HttpStatusCode status) => (int)status switch
    {
        400 => GrpcStatusCode.Internal,
        401 => GrpcStatusCode.Unauthenticated,
        403 => GrpcStatusCode.PermissionDenied,
        404 => GrpcStatusCode.Unimplemented,
        429 or 502 or 503 or 504 => GrpcStatusCode.Unavailable,
        _ => GrpcStatusCode.Unknown,
    };

    private static GrpcStatusCode FromHttp2(long errorCode) => errorCode switch
    {
        0x7 => GrpcStatusCode.Unavailable,
        0x8 => GrpcStatusCode.Cancelled,
        0xb => GrpcStatusCode.ResourceExhausted,
        0xc => GrpcStatusCode.PermissionDenied,
        _ => GrpcStatusCode.Internal,
    };
}

/// <summary>How a call ended: its trailers, and its error unless it was OK.</summary>
internal sealed record CallEnd(GrpcMetadata Trailers, GrpcException? Error);
