namespace SalesforceSync.Simulator.Schemas;

/// <summary>One single value of an object's records. Its index is its place in every record and never changes.</summary>
/// <param name="Index">Place in a record's values.</param>
/// <param name="RestName">The name REST and Bulk know it by.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Field">The field it belongs to.</param>
/// <param name="Part">Its place in the compound, or -1.</param>
internal sealed record Leaf(int Index, string RestName, ValueKind Kind, SimulatedField Field, int Part);
