namespace SalesforceSync.Apply;

/// <summary>Where the fields of a reading go in the table of its object. Immutable.</summary>
/// <param name="Columns">By the field's index: its column, or null where it is not written.</param>
/// <param name="ChangedTable">The table was made or got columns for it, which apply does not know of.</param>
internal sealed record EvidenceBinding(ObjectTable Table, bool HardDeletes, IReadOnlyList<TableColumn?> Columns, bool ChangedTable);
