namespace SalesforceSync.Decode;

/// <summary>One field of a record as bitmaps count it: its position is its index, its meaning a run of leaves.</summary>
/// <param name="Name">The field's name, for messages.</param>
/// <param name="FirstLeaf">Ordinal of its first leaf.</param>
/// <param name="LeafCount">How many leaves it has: one, or all parts of a compound (and the whole name of an account before them).</param>
/// <param name="Parts">The fields of its record, for nested bitmaps; empty when it has none that are columns.</param>
internal sealed record FieldPosition(string Name, int FirstLeaf, int LeafCount, IReadOnlyList<FieldPosition> Parts);
