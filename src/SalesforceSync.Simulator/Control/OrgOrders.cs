using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Control;

/// <summary>Time passes for the org and its bus alone.</summary>
public sealed record AdvanceOrder(TimeSpan By);

/// <summary>The integration user gets or loses an object, or sees or no longer sees a field.</summary>
/// <param name="Field">Null for the whole object.</param>
/// <param name="After">When it takes effect; Salesforce takes up to ten minutes.</param>
public sealed record AccessOrder(string ObjectName, string? Field, bool Allowed, TimeSpan After = default);

/// <summary>An object is selected for a channel, or deselected.</summary>
/// <param name="Topic">Null for the channel of all changes.</param>
public sealed record SelectionOrder(string ObjectName, bool Selected, string? Topic = null);

/// <summary>A member of a channel gets a filter, another one, or none any more.</summary>
/// <param name="Expression"><c>Field = 'text'</c> or <c>Field != 'text'</c>; null takes it away.</param>
/// <param name="Topic">Null for the channel of all changes.</param>
public sealed record FilterOrder(string ObjectName, string? Expression, string? Topic = null);

/// <summary>What is done to a field.</summary>
public enum FieldAct
{
    Add,
    Remove,
    ChangeType,
    Recreate,

    /// <summary>A calculated number: how many whole days ago the record came into being.</summary>
    AddFormula
}

/// <summary>An act on a field.</summary>
/// <param name="Kind">As the event schema's <c>doc</c> names it: Text, Double, DynamicEnum, StringPlusClob …; null where it stays.</param>
/// <param name="Announcement">For a change of type: how subscribers hear of it.</param>
/// <param name="MaxLength">Of a text; null for the usual.</param>
public sealed record FieldOrder(
    string ObjectName, string Field, FieldAct Act, string? Kind = null, Announcement Announcement = Announcement.None, int? MaxLength = null);
