using System.Net;

namespace SalesforceSync.Salesforce;

/// <summary>Salesforce answered a REST or Bulk call with a refusal.</summary>
/// <param name="code">Salesforce's error code, such as <c>REQUEST_LIMIT_EXCEEDED</c>, or words for an answer that cannot be understood.</param>
internal sealed class RestException(string org, HttpStatusCode status, string code) : Exception($"{org}: REST answered {(int)status} ({code})")
{
    public HttpStatusCode Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>What we know of the object's fields is stale: describe it again (rule E9).</summary>
    public bool IsOfFields => Code is "INVALID_FIELD" or "INVALID_FIELD_FOR_INSERT_UPDATE" or "MALFORMED_QUERY" or "INVALID_QUERY_FILTER_OPERATOR";

    /// <summary>The user sees no such object, or it cannot be asked for so.</summary>
    public bool IsOfObject => Code is "INVALID_TYPE" or "INVALID_TYPE_FOR_OPERATION" or "OBJECT_NOT_FOUND" or "INVALIDENTITY" or "InvalidEntity";

    /// <summary>The same call may work later.</summary>
    public bool MayPass => (int)Status >= 500 || Status == HttpStatusCode.TooManyRequests || Code is "UNABLE_TO_LOCK_ROW" or "QUERY_TIMEOUT" or "SERVER_UNAVAILABLE" or "REQUEST_RUNNING_TOO_LONG";
}
