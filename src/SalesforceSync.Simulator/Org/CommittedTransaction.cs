namespace SalesforceSync.Simulator.Org;

/// <summary>What a commit put on the bus.</summary>
/// <param name="Key">The transaction key of its events.</param>
/// <param name="Events">How many events carry the key.</param>
/// <param name="Changes">How many records those events name, each time counted.</param>
/// <param name="LastPosition">Position of its last event on the bus; the position before it when there was none.</param>
internal sealed record CommittedTransaction(string Key, int Events, int Changes, long LastPosition);
