using System.Text.Json;

namespace SalesforceSync.Salesforce;

/// <summary>An allowance of an org and what is left of it; up to five minutes old.</summary>
internal sealed record Allowance(long Max, long Remaining);

/// <summary>The allowances this program lives on; null where the org's edition has none or the answer leaves it out.</summary>
internal sealed record ApiLimits(Allowance? DailyApiRequests, Allowance? DailyDeliveredPlatformEvents)
{
    public static ApiLimits Read(JsonElement limits) => new(One(limits, "DailyApiRequests"), One(limits, "DailyDeliveredPlatformEvents"));

    private static Allowance? One(JsonElement limits, string name) =>
        limits.ValueKind == JsonValueKind.Object && AnswerText.TryFind(limits, name, out var limit)
        && AnswerText.Whole(limit, "Max") is { } most && AnswerText.Whole(limit, "Remaining") is { } left
            ? new Allowance(most, left)
            : null;
}
