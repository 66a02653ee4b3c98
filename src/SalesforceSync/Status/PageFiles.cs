using Microsoft.AspNetCore.Http;

namespace SalesforceSync.Status;

/// <summary>The files of the status page, out of the program itself; nothing of an org is in them, and nothing is fetched from elsewhere.</summary>
internal static class PageFiles
{
    /// <summary>Scripts and styles from here alone, none in the page itself; nobody may frame it, and no form leaves it.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Route, resource and content type.</summary>
    public static IReadOnlyList<(string Path, string Name, string Type)> All { get; } =
    [
        ("/", "page.html", "text/html; charset=utf-8"), ("/page.css", "page.css", "text/css; charset=utf-8"), ("/page.js", "page.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "icon.svg", "image/svg+xml"),
    ];

    public static async Task AnswerAsync(HttpContext context, string name, string type)
    {
        await using var file = typeof(PageFiles).Assembly.GetManifestResourceStream($"page/{name}")!;
        context.Response.ContentType = type;
        context.Response.ContentLength = file.Length;
        context.Response.Headers.ContentSecurityPolicy = Policy;
        if (!HttpMethods.IsHead(context.Request.Method))
            await file.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
