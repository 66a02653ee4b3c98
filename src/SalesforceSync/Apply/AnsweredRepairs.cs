using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>
/// Which repairs of records a reading answers (rule E4): those asked for by events up to its anchor, unless a column it skipped was last written by an event
/// older than its start: gap events are not strongly ordered, so that what the event overwrote may be what the reading saw.
/// </summary>
internal static class AnsweredRepairs
{
    /// <summary>Salesforce's clock and its stamps agree within this.</summary>
    private const string Slack = "interval '2 seconds'";

    // Of a repair last asked for about when the reading began the event may still be about as old as the reading: which came first its whole seconds do not tell,
    // and it is read again. One that was asked for before is not held open by a record that never rests.
    private const string Start = $"r.began_at + case when p.asked_at > r.started_at - 2 * {Slack} then {Slack} else - {Slack} end";

    private const string Answered = $"""
        update salesforce_sync.repair p set state = 'done', closed_at = clock_timestamp()
        from salesforce_sync.read r
        where r.org = $1 and r.id = $2 and p.org = $1 and p.object = r.object and p.record_id is not null and p.state = 'open'
            and coalesce(p.event <= r.anchor, p.opened_at < r.started_at)
            and not exists (
                select from salesforce_sync.touch t
                where t.org = $1 and t.object = r.object and t.record_id = p.record_id and t.event > r.anchor and t.commit_at < {Start}
                    and not exists (
                        select from salesforce_sync.touch l
                        where l.org = $1 and l.object = r.object and l.record_id = p.record_id and l.event > t.event and l.commit_at >= {Start}
                            and (l.columns is null or t.columns <@ l.columns)))
        """;

    /// <summary>
    /// Of the whole object: $1 org, $2 reading. Not those of records known only in part: the reading may have had no place for a column that came under it, and
    /// then its rows completed nothing. Those it did complete, <see cref="OfRecords"/> has closed.
    /// </summary>
    public static string OfObject => Planted($"{Answered} and p.reason not in ('unseen', 'revived')");

    /// <summary>Of the records $3: $1 org, $2 reading.</summary>
    public static string OfRecords => Planted($"{Answered} and p.record_id = any($3)");

    /// <summary>What is known only in part needs no fetch once all of it was read (rule E6): $1 org, $2 object, $3 records.</summary>
    public const string OfCompleted = """
        update salesforce_sync.repair set state = 'done', closed_at = clock_timestamp()
        where org = $1 and object = $2 and state = 'open' and reason in ('unseen', 'revived') and record_id = any($3)
        """;

    private static string Planted(string sql) =>
        PlantedBug.Is(PlantedBugs.ReadingClosesNewerRepairs) ? sql.Replace("p.event <= r.anchor", "true", StringComparison.Ordinal)
        : PlantedBug.Is(PlantedBugs.SkippedColumnCloses) ? sql.Replace("t.event > r.anchor", "false", StringComparison.Ordinal)
        : sql;
}
