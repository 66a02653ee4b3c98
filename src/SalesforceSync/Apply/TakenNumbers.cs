namespace SalesforceSync.Apply;

/// <summary>What the org's row said when it was locked.</summary>
/// <param name="Last">The number before the first one taken.</param>
/// <param name="Reading">The objects being read: what is touched of them is noted.</param>
/// <param name="TableChanges">Raised whenever somebody beside apply changes a table.</param>
/// <param name="DiffsWait">Text differences wait for a text they fit to.</param>
internal readonly record struct TakenNumbers(long Last, IReadOnlyList<string> Reading, long TableChanges, bool DiffsWait = false);
