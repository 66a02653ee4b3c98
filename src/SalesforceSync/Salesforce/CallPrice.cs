namespace SalesforceSync.Salesforce;

/// <summary>
/// What jobs cost in API calls, told before they run. Pure. An estimate from above where Salesforce decides (pages may be smaller than asked for, jobs may
/// take longer); sign-in and calls repeated after a fault are not in it.
/// </summary>
internal static class CallPrice
{
    /// <summary>Rows of a page of Bulk results, where none are asked for otherwise.</summary>
    public const int UsualPage = 100_000;

    /// <summary>Ids that one query by id takes: its URL is bounded.</summary>
    public const int IdsOfQuery = 450;

    /// <summary>Rows that Bulk has ready by the time it is first asked.</summary>
    private const int RowsReadAtOnce = 100_000;

    /// <summary>A whole object by Bulk: its describe, the job, looks at its state, the pages.</summary>
    public static int Snapshot(long rows, int pageSize = UsualPage) => 1 + Bulk(rows, pageSize);

    /// <summary>A column or two of a whole object by Bulk, its fields known already.</summary>
    public static int Fill(long rows, int pageSize = UsualPage) => Bulk(rows, pageSize);

    /// <summary>Ids and stamps of a whole object by Bulk; of a small one the results are asked for straight away.</summary>
    public static int Sweep(long rows, int pageSize = UsualPage) => 1 + (rows <= RowsReadAtOnce ? 0 : Looks(rows)) + Pages(rows, pageSize);

    /// <summary>Records by id.</summary>
    public static int Repair(long ids) => Pages(ids, RestClient.MostIds);

    /// <summary>To prove that records which retrieve did not find are gone.</summary>
    public static int Absences(long ids) => ids == 0 ? 0 : Pages(ids, IdsOfQuery);

    /// <summary>A whole object page by page over REST, where Bulk refuses it.</summary>
    public static int Query(long rows) => Pages(rows, 2_000);

    private static int Bulk(long rows, int pageSize) => 1 + Looks(rows) + Pages(rows, pageSize);

    /// <summary>Looks at a job's state come at growing distances, the first when it is probably done.</summary>
    private static int Looks(long rows)
    {
        var looks = 1;
        for (var ready = (long)RowsReadAtOnce; ready < rows; ready *= 2)
            looks++;
        return looks;
    }

    private static int Pages(long rows, int size) => (int)Math.Max(1, (rows + size - 1) / size);
}
