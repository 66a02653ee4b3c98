namespace SalesforceSync.Protocol;

/// <summary>The header names of PROTOCOL-HTTP2.md.</summary>
internal static class GrpcHeaders
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string AcceptEncoding = "grpc-accept-encoding";

    /// <summary>Also <c>application/grpc+proto</c> and with parameters; not <c>application/grpc-web</c>.</summary>
    public static bool IsGrpc(string? contentType)
        => contentType is not null && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
            && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';' or ' ');
}
