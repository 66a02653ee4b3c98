using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace SalesforceSync.Status;

/// <summary>What is answered where the answer is no: problem details (RFC 9457).</summary>
internal static class Problem
{
    /// <param name="detail">For people: what is wrong and what to do, without values or secrets.</param>
    public static Task AnswerAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new { title = ReasonPhrases.GetReasonPhrase(status), status, detail }, options: null, "application/problem+json", context.RequestAborted);
    }
}
