namespace SalesforceSync.Apply;

/// <summary>
/// The name of a person is composed from the row's own parts after every change of one, never taken from an event, because an event may bring one part alone.
/// Where an object has persons and businesses (Account), a business name comes whole and clears the parts.
/// </summary>
internal static class PersonName
{
    public const string Field = "Name";

    /// <summary>The columns that enter the composed name, in its order.</summary>
    public static IReadOnlyList<string> Composed { get; } = ["firstname", "middlename", "lastname", "suffix"];

    /// <summary>The columns a whole name clears.</summary>
    public static IReadOnlyList<string> Parts { get; } = ["salutation", "firstname", "middlename", "lastname", "suffix", "informalname"];

    /// <summary>The composed name as an expression over the parts' expressions: joined by spaces, null when all are.</summary>
    public static string Sql(IReadOnlyCollection<string> parts) => parts.Count == 0
        ? "null::text"
        : $"case when coalesce({string.Join(", ", parts)}) is not null then concat_ws(' ', {string.Join(", ", parts)}) end";
}
