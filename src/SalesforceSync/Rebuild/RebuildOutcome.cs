namespace SalesforceSync.Rebuild;

/// <summary>What making one table again, or the rows of some of its records, came to.</summary>
/// <param name="Base">Apply number of the copy it began with; 0: with nothing.</param>
/// <param name="Number">Apply number at which the tables were compared.</param>
/// <param name="Events">Events replayed.</param>
/// <param name="Patches">Rows of readings replayed.</param>
/// <param name="Rows">Rows of the table made anew.</param>
/// <param name="Changed">Rows that differed.</param>
/// <param name="Missing">Rows that were not there.</param>
/// <param name="Extra">Rows that should not have been there.</param>
/// <param name="Columns">Columns that were not there.</param>
/// <param name="Seconds">Time taken.</param>
/// <param name="LockedSeconds">Of it: while the worker had to wait.</param>
internal sealed record RebuildOutcome(
    string Org, string Object, long Base, long Number, long Events, long Patches, long Rows, long Changed, long Missing, long Extra, int Columns, bool Written,
    double Seconds, double LockedSeconds)
{
    /// <summary>Of a replay: the records stored events told of, the only ones compared; null: all.</summary>
    public long? Told { get; init; }

    public long Differing => Changed + Missing + Extra;
}
