using SalesforceSync.Protocol;

namespace SalesforceSync.Simulator.Faults;

/// <summary>A fault as it is asked for.</summary>
public sealed record FaultOrder
{
    /// <summary>For faults of a stream: how many events are still delivered before it strikes, on whatever stream; counted anew for each time.</summary>
    public int AfterEvents { get; init; }

    /// <summary>For faults of requests: how many requests it could have struck go well before each time.</summary>
    public int AfterCalls { get; init; }

    /// <summary>How often it strikes; for <see cref="FaultKind.SlowDown"/> how many responses.</summary>
    public int Times { get; init; } = 1;

    /// <summary>Error code without the common prefix, such as <c>subscription.limit.exceeded</c>; for the token endpoint an OAuth error such as <c>invalid_grant</c>; for a failing job its message.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The gRPC status beside the error code; null for the one Salesforce is known to give with it.</summary>
    public GrpcStatusCode? Status { get; init; }

    /// <summary>For <see cref="FaultKind.SlowDown"/> and <see cref="FaultKind.SlowRest"/>.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>For <see cref="FaultKind.Reset"/>: the HTTP/2 error code; 0 is NO_ERROR.</summary>
    public int ResetCode { get; init; }

    /// <summary>For <see cref="FaultKind.FailToken"/> without an error code: the HTTP status.</summary>
    public int HttpStatus { get; init; } = 503;
}
