namespace SalesforceSync.Apply;

/// <summary>
/// What a record's row is, as far as it is known before the database was asked. A fold carries three of them, one for each thing the row may have been
/// at its beginning, through the same changes; where they end alike, nobody needs to look.
/// </summary>
/// <param name="Exists">There is a row.</param>
/// <param name="Deleted">It is a tombstone.</param>
/// <param name="Incomplete">Null: as it was.</param>
/// <param name="Repair">What has to be fetched because of how the row was found, or null.</param>
internal readonly record struct RowState(bool Exists, bool Deleted, bool? Incomplete, string? Repair)
{
    public static RowState Absent { get; } = new(false, false, null, null);

    public static RowState Live { get; } = new(true, false, null, null);

    public static RowState Tombstone { get; } = new(true, true, null, null);

    /// <summary>CREATE and UNDELETE tell everything: nothing is missing, whatever was before.</summary>
    public static RowState AfterFullRecord { get; } = new(true, false, false, null);

    public RowState AfterUpdate() => this switch
    {
        { Exists: false } => new(true, false, true, RepairReason.Unseen),
        { Deleted: true } => new(true, false, true, RepairReason.Revived),
        _ => this,
    };

    /// <summary>A soft delete keeps the values; of a record never seen it leaves a tombstone without any.</summary>
    public RowState AfterSoftDelete() => Exists ? this with { Deleted = true } : new(true, true, false, null);

    public static RowState AfterHardDelete => Absent;
}
