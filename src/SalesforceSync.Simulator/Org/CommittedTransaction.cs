namespace SalesforceSync.Simulator.Org;

/// <summary>What a commit put on the bus.</summary>
/// <param name="Key">The transaction key of its events.</param>
/// <param name="Events">How many events carry the key.</param>
/// <param name="Changes">How many records those events name, each time counted.</param>
/// <param name="Records">How many different records they name.</param>
/// <param name="LastPosition">Position of its last event on the bus; 0 when there was none.</param>
internal sealed record CommittedTransaction(string Key, int Events, int Changes, int Records, long LastPosition);
