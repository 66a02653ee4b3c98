namespace SalesforceSync.Sweep;

/// <summary>How an object is compared, decided from what was known of it before: two calls at most for an object that has not grown beyond a page.</summary>
/// <param name="ByRest">With REST, a call for each 2,000 records; else with a Bulk job, a call to make it and one for each page of results.</param>
/// <param name="Fields">Copied fields the query names beside id and stamps: one that is hidden makes it fail, so that a lost permission is seen at no cost.</param>
/// <param name="Price">Calls it is expected to cost, without repairs.</param>
internal sealed record SweepPlan(bool ByRest, IReadOnlyList<string> Fields, int Price)
{
    public const int RestPage = 2_000;

    /// <summary>Two pages of REST cost what a Bulk job costs, and no waiting.</summary>
    private const long MostByRest = 2 * RestPage;

    private const long BulkPage = 100_000;

    /// <summary>Values asked for at most to look for hidden fields: REST makes its pages shorter when rows are wide.</summary>
    private const long RestCells = 20_000;

    private const long BulkCells = 1_000_000;

    /// <summary>Whatever the size, every field is looked at within this many sweeps.</summary>
    private const int Turns = 7;

    /// <param name="rows">Records there, deleted ones too, as far as known; null: nobody has looked.</param>
    /// <param name="fields">Everything copied.</param>
    /// <param name="bulkRefused">Bulk has refused the object before.</param>
    /// <param name="urlLength">Characters the fields may take up in a query by REST.</param>
    /// <param name="turn">Counts sweeps: which fields are looked at where not all can be.</param>
    public static SweepPlan Of(long? rows, IReadOnlyList<string> fields, bool bulkRefused, int urlLength, long turn)
    {
        var byRest = bulkRefused || rows is <= MostByRest;
        var count = Math.Max(1, rows ?? 0);
        var least = (fields.Count + Turns - 1) / Turns;
        var room = Math.Max(least, (byRest ? RestCells : BulkCells) / count);
        var chosen = Window(fields, (int)Math.Min(room, fields.Count), turn);
        if (byRest)
            chosen = Fitting(chosen, urlLength);
        var price = byRest ? (count + RestPage - 1) / RestPage : 1 + ((count + BulkPage - 1) / BulkPage);
        return new(byRest, chosen, (int)Math.Min(price, int.MaxValue));
    }

    private static IReadOnlyList<string> Window(IReadOnlyList<string> fields, int size, long turn)
    {
        if (size >= fields.Count)
            return fields;
        var first = (int)(turn * size % fields.Count);
        return [.. Enumerable.Range(0, size).Select(i => fields[(first + i) % fields.Count])];
    }

    private static List<string> Fitting(IReadOnlyList<string> fields, int length)
    {
        var fitting = new List<string>();
        foreach (var field in fields)
        {
            if ((length -= field.Length + 3) < 0)
                break;
            fitting.Add(field);
        }
        return fitting;
    }
}
