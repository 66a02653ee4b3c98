using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Server;

/// <summary>What every REST request passes: ordered faults, the session, the daily allowance, the count; and what every answer carries.</summary>
internal sealed class RestDoor(AccessTokens tokens, CallCounts counts, Allowances allowances, FaultScript faults, TimeProvider time)
{
    private readonly RollingDay _calls = new(time);
    private readonly RollingDay _jobs = new(time);

    public long CallsToday => _calls.Sum;

    public long JobsToday => _jobs.Sum;

    /// <exception cref="SoqlError">No more query jobs today.</exception>
    public void CountJob()
    {
        if (_jobs.Sum >= allowances.DailyBulkQueryJobs) throw new SoqlError("EXCEEDEDQUOTA", "Maximum number of query jobs per 24 hours exceeded");
        _jobs.Add();
    }

    /// <returns>66 for <c>v66.0</c>; null for what is no version.</returns>
    public static int? VersionOf(string? text)
        => text is ['v', .. var number, '.', '0'] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version is >= 20 and <= 70
            ? version
            : null;

    public RequestDelegate Guarded(CallKind kind, RequestDelegate answer) => async context =>
    {
        if (await StoppedAsync(context)) return;
        counts.RestCall(kind);
        var used = _calls.Add();
        context.Response.Headers["Sforce-Limit-Info"] = string.Create(CultureInfo.InvariantCulture, $"api-usage={used}/{allowances.DailyCalls}");
        try
        {
            if (VersionOf(context.GetRouteValue("version")?.ToString()) is null) await JsonAnswers.NotFoundAsync(context);
            else await answer(context);
        }
        catch (SoqlError refusal) when (!context.Response.HasStarted)
        {
            await JsonAnswers.WriteErrorAsync(context, refusal.Status, refusal.Code, refusal.Message);
        }
    };

    /// <summary>Refused before it is looked at. What the allowance refuses is not counted against it.</summary>
    private async Task<bool> StoppedAsync(HttpContext context)
    {
        if (faults.Take(FaultKind.SlowRest) is { } slow) await Task.Delay(slow.Order.Delay, time, context.RequestAborted);
        if (faults.Take(FaultKind.RestUnavailable) is not null)
        {
            await JsonAnswers.WriteErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "SERVER_UNAVAILABLE", "Service unavailable: try again later");
            return true;
        }
        var header = context.Request.Headers.Authorization.ToString();
        var isSignedIn = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && tokens.Accept(header[7..]);
        if (!isSignedIn || faults.Take(FaultKind.RestUnauthorized) is not null)
        {
            await JsonAnswers.WriteErrorAsync(context, StatusCodes.Status401Unauthorized, "INVALID_SESSION_ID", "Session expired or invalid");
            return true;
        }
        if (_calls.Sum < allowances.DailyCalls && faults.Take(FaultKind.RestLimitExceeded) is null) return false;
        context.Response.Headers["Sforce-Limit-Info"] = string.Create(CultureInfo.InvariantCulture, $"api-usage={allowances.DailyCalls}/{allowances.DailyCalls}");
        await JsonAnswers.WriteErrorAsync(context, StatusCodes.Status403Forbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
        return true;
    }
}
