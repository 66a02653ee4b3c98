namespace SalesforceSync.Salesforce;

/// <summary>A field as describe tells it to this user.</summary>
/// <param name="Type">Salesforce's word: <c>string</c>, <c>double</c>, <c>datetime</c>, <c>address</c> ...</param>
/// <param name="Compound">The compound field it is a part of, or null.</param>
/// <param name="Calculated">A formula: it sends no events.</param>
/// <param name="ExtraType"><c>personname</c>, <c>switchablepersonname</c>, or null.</param>
internal sealed record FieldShape(
    string Name, string Type, string? Compound, bool Calculated, bool Nillable, int Length, int Precision, int Scale, string? ExtraType);

/// <summary>An object as describe tells it to this user: only the fields he may see.</summary>
/// <param name="KeyPrefix">The first three characters of its record ids, or null.</param>
internal sealed record ObjectShape(string Name, string? KeyPrefix, bool Queryable, bool Replicateable, IReadOnlyList<FieldShape> Fields);
