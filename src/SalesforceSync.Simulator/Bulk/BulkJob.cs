using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Bulk;

/// <summary>A query job. Its own lock guards what moves.</summary>
/// <param name="Version">The API version of its creation, as in the path: <c>v66.0</c>.</param>
internal sealed record BulkJob(string Id, RecordSearch Search, bool IsAll, string Version, CsvShape Csv, string DelimiterName, DateTimeOffset CreatedAt)
{
    public Lock Lock { get; } = new();

    public JobState State { get; set; }

    public DateTimeOffset ChangedAt { get; set; } = CreatedAt;

    public string? ErrorMessage { get; set; }

    /// <summary>It stays in progress for ever.</summary>
    public bool IsHanging { get; set; }

    public List<CsvRows> Rows { get; } = [];

    public int RowCount => Rows.Sum(rows => rows.Count);

    public int SlicesRead { get; set; }

    /// <summary>The last id of each slice but the last, as the org was when the first slice was read.</summary>
    public IReadOnlyList<string> Bounds { get; set; } = [];

    public ITimer? Timer { get; set; }

    /// <summary>ORDER BY and LIMIT take a job in one piece.</summary>
    public bool IsChunked => Search.Order is null && Search.Query.Limit is null;

    public bool IsOver => State is JobState.JobComplete or JobState.Failed or JobState.Aborted;
}
