namespace SalesforceSync.Simulator.Bulk;

/// <summary>How the org processes Bulk 2.0 queries.</summary>
internal sealed record BulkRules
{
    /// <summary>The most rows of a result page, and how many come unless fewer are asked for.</summary>
    public int PageRows { get; init; } = 100_000;

    /// <summary>How long a job is worked on. Zero: it is complete when its state is asked for.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>In how many steps, evenly over <see cref="Duration"/>, a job without ORDER BY and LIMIT reads its rows: what is committed between two of them one part shows and the other not.</summary>
    public int Slices { get; init; } = 4;

    /// <summary>Called before each step with the job's id and the step's number from 0, outside every lock: the place for commits under a running job.</summary>
    public Action<string, int>? BeforeSlice { get; init; }

    /// <summary>How long jobs and their results are kept.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Characters.</summary>
    public int LongestQuery { get; init; } = 100_000;

    /// <summary>Objects that Bulk queries are refused for.</summary>
    public IReadOnlyCollection<string> Refused { get; init; } = [];

    /// <summary>The HTTP status of results asked for too early: releases and documents differ (400, 404, 412).</summary>
    public int EarlyStatus { get; init; } = 400;
}
