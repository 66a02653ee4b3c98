namespace SalesforceSync.Apply;

/// <summary>
/// What a change of an object's schema leaves to be done beside its table, in the same transaction. Fields by API name. Immutable.
/// </summary>
/// <param name="Fill">Columns whose old rows have to be read.</param>
/// <param name="Stale">Fields that became others: a reading of them that is under way begins anew.</param>
/// <param name="Frozen">Fields that are not written any more, with the reason; each opens a gap of the object.</param>
/// <param name="Pause">The object is paused by its policy.</param>
/// <param name="Resume">The object is copied again, and has to be read whole.</param>
internal sealed record SchemaDrift(
    string Object, IReadOnlyList<string> Fill, IReadOnlyList<string> Stale, IReadOnlyList<(string Field, string Reason)> Frozen, bool Pause, bool Resume)
{
    public bool IsEmpty => Fill.Count == 0 && Stale.Count == 0 && Frozen.Count == 0 && !Pause && !Resume;
}
