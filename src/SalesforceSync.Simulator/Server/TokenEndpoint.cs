using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Server;

/// <summary>POST /services/oauth2/token, in all the flows a server-side client can use.</summary>
internal sealed class TokenEndpoint(
    SimulatedOrg org, AccessTokens tokens, SignInRules rules, FaultScript faults, CallCounts counts, Func<string> instanceUrl)
{
    private const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private readonly Lock _lock = new();
    private string _refreshToken = rules.RefreshToken;

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/services/oauth2/token", (RequestDelegate)AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        counts.Token();
        try
        {
            if (faults.Take(FaultKind.FailToken) is { Order: var order })
            {
                if (order.ErrorCode is { } code) throw new OAuthError(code, "refused on order");
                context.Response.StatusCode = order.HttpStatus;
                return;
            }
            if (!context.Request.HasFormContentType) throw new OAuthError("invalid_request", "a form is expected");
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            var refresh = Grant(form, BasicCredentials(context));
            await JsonAnswers.WriteAsync(context, StatusCodes.Status200OK, json =>
            {
                json.WriteString("access_token", tokens.Issue());
                json.WriteString("signature", "c2ltdWxhdGVk");
                json.WriteString("scope", "api");
                json.WriteString("instance_url", instanceUrl());
                json.WriteString("id", $"{instanceUrl()}/id/{org.Options.OrgId}/{SalesforceId.Make("005", 1)}");
                json.WriteString("token_type", "Bearer");
                json.WriteString("issued_at", org.Time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
                if (refresh is not null) json.WriteString("refresh_token", refresh);
            });
        }
        catch (OAuthError error)
        {
            await JsonAnswers.WriteAsync(context, error.Status, json =>
            {
                json.WriteString("error", error.Code);
                json.WriteString("error_description", error.Description);
            });
        }
    }

    /// <returns>A new refresh token, where the flow hands one out.</returns>
    private string? Grant(IFormCollection form, (string Id, string Secret)? basic)
    {
        switch (form["grant_type"].ToString())
        {
            case "client_credentials":
                CheckClient(form, basic, secretNeeded: true);
                return null;
            case JwtBearer:
                JwtAssertion.Check(form["assertion"].ToString(), rules, rules.Audiences.Append(instanceUrl()), org.Time.GetUtcNow());
                return null;
            case "refresh_token":
                CheckClient(form, basic, secretNeeded: false);
                return Refresh(form["refresh_token"].ToString());
            case "password":
                CheckClient(form, basic, secretNeeded: true);
                if (form["username"] != rules.Username || form["password"] != rules.Password) throw new OAuthError("invalid_grant", "authentication failure");
                return null;
            default:
                throw new OAuthError("unsupported_grant_type", "grant type not supported");
        }
    }

    private string? Refresh(string given)
    {
        lock (_lock)
        {
            if (given != _refreshToken) throw new OAuthError("invalid_grant", "expired access/refresh token");
            return rules.RotateRefreshTokens ? _refreshToken = $"{rules.RefreshToken}-{Guid.NewGuid():N}" : null;
        }
    }

    private void CheckClient(IFormCollection form, (string Id, string Secret)? basic, bool secretNeeded)
    {
        var id = basic?.Id ?? form["client_id"].ToString();
        var secret = basic?.Secret ?? form["client_secret"].ToString();
        if (id != rules.ClientId) throw new OAuthError("invalid_client_id", "client identifier invalid");
        if (secret != rules.ClientSecret && (secretNeeded || secret.Length > 0))
            throw new OAuthError("invalid_client", "invalid client credentials", basic is null ? StatusCodes.Status400BadRequest : StatusCodes.Status401Unauthorized);
    }

    private static (string Id, string Secret)? BasicCredentials(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return null;
        try
        {
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header[6..])).Split(':', 2);
            return pair.Length == 2 ? (Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair[1])) : null;
        }
        catch (FormatException)
        {
            throw new OAuthError("invalid_client", "invalid client credentials", StatusCodes.Status401Unauthorized);
        }
    }
}
