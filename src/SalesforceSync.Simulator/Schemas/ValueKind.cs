namespace SalesforceSync.Simulator.Schemas;

/// <summary>
/// The kinds of single value a record is made of: string, bool, int, double, <see cref="DateTimeOffset"/>, <see cref="DateOnly"/>, <see cref="TimeOnly"/>.
/// </summary>
public enum ValueKind
{
    Text,
    Boolean,
    WholeNumber,
    Number,
    DateTime,
    Date,
    Time
}
