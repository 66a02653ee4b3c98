using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>A row of a reading and what of it counts.</summary>
/// <param name="Written">The columns that are taken from it.</param>
/// <param name="TellsExistence">Nothing newer told whether the record exists.</param>
/// <param name="LivesAgain">
/// It was deleted after the reading began, or when it was read, and if it lives now no event told so: then others may not have come either, and what is known of
/// it, this row included, may not be all (rule E6).
/// </param>
internal sealed record MergeRow(EvidenceRow Row, ColumnSet Written, bool TellsExistence, bool LivesAgain = false)
{
    /// <summary>Decides by what is newer than the reading (rule A2). Null where nothing of the row counts.</summary>
    public static MergeRow? Of(EvidenceRow row, EvidenceBinding binding, RecordTouches? newer)
    {
        if (newer is null)
            return new(row, binding.All, true);
        var written = new ColumnSet();
        for (var field = 0; field < binding.Columns.Count; field++)
        {
            if (binding.Columns[field] is { } column && !newer.Contains(binding.Keys[field]))
                written.Add(column.Index);
        }
        var livesAgain = newer.Existence && (newer.WasDeleted || row.IsDeleted) && !PlantedBug.Is(PlantedBugs.RevivedByOlderReading);
        return written.Count == 0 && newer.Existence ? null : new(row, written, !newer.Existence, livesAgain);
    }
}
