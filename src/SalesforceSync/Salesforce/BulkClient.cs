using SalesforceSync.Configuration;

namespace SalesforceSync.Salesforce;

internal enum BulkState
{
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}

/// <param name="Message">Salesforce's error text reduced to what is no data, or null.</param>
internal sealed record BulkJob(string Id, BulkState State, long? Rows, string? Message);

/// <summary>One page of results, read from the socket while it is used; dispose it to let the connection go.</summary>
/// <param name="Csv">UTF-8, header line first.</param>
/// <param name="Locator">The next page, or null at the end.</param>
/// <param name="Rows">What the header <c>Sforce-NumberOfRecords</c> says, or null.</param>
internal sealed record BulkPage(Stream Csv, string? Locator, long? Rows, IDisposable Response) : IDisposable
{
    public void Dispose()
    {
        Csv.Dispose();
        Response.Dispose();
    }
}

/// <summary>Bulk API 2.0 queries of one org. Every request is booked under the class given, before it leaves. Safe for many threads.</summary>
internal sealed class BulkClient(OrgOptions org, TokenSource tokens, SalesforceHttp http)
{
    /// <summary>Makes a query job: one call.</summary>
    /// <param name="all">Deleted and archived records too (<c>queryAll</c>).</param>
    public Task<string> CreateAsync(string soql, bool all, CallClass callClass, CancellationToken stop) => throw new NotImplementedException($"{org} {tokens} {http}");

    /// <summary>How a job stands, or null when Salesforce does not know it any more: one call.</summary>
    public Task<BulkJob?> StateAsync(string jobId, CallClass callClass, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>A page of a job's results: one call. Null when the job is not complete yet.</summary>
    /// <param name="locator">Null: the first page.</param>
    /// <param name="maxRecords">Null: as many as Salesforce gives.</param>
    public Task<BulkPage?> ResultsAsync(string jobId, string? locator, int? maxRecords, CallClass callClass, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>The locators of the next pages after one, up to five, so that they can be read in parallel; null where the org does not offer it: one call.</summary>
    public Task<IReadOnlyList<string>?> PagesAsync(string jobId, CallClass callClass, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>Aborts a job that is not wanted any more: one call.</summary>
    public Task AbortAsync(string jobId, CallClass callClass, CancellationToken stop) => throw new NotImplementedException();
}
