namespace SalesforceSync.Simulator.Org;

/// <summary>How far a reader of the bus has come.</summary>
/// <param name="Entries">Entries behind it since the org began.</param>
/// <param name="Siblings">Of the next entry, how many of the events it is delivered as.</param>
internal readonly record struct BusPlace(long Entries, int Siblings = 0);
