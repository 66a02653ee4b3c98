namespace SalesforceSync.Protocol;

/// <summary>
/// The end of a call that is not OK: what a server's handler throws to end its call, and what a client's reader gets.
/// </summary>
/// <param name="status">What kind of failure.</param>
/// <param name="detail">For people; a server's text as it came.</param>
/// <param name="trailers">The server's trailers (<c>error-code</c>, <c>rpc-id</c>...); empty when none arrived.</param>
/// <param name="fromServer">True when a gRPC server said so; false for what this side made of a broken transport or a bad peer.</param>
/// <param name="innerException">The transport's own error, when there is one.</param>
public sealed class GrpcException(
    GrpcStatusCode status, string detail, GrpcMetadata? trailers = null, bool fromServer = false, Exception? innerException = null)
    : Exception($"{status}: {detail}", innerException)
{
    public GrpcStatusCode Status { get; } = status;

    public string Detail { get; } = detail;

    /// <summary>
    /// False means a transport failure, whatever <see cref="Status"/> says: HTTP/2 tells only by message text whether a stream or the
    /// whole connection ended, so a policy looks here and reconnects.
    /// </summary>
    public bool FromServer { get; } = fromServer;

    public GrpcMetadata Trailers { get; } = trailers ?? [];
}
