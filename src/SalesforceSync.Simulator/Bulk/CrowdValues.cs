using System.Globalization;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Bulk;

/// <summary>What each member of a crowd has in each field: computed from its number alone, the same for ever.</summary>
internal static class CrowdValues
{
    public static readonly DateTimeOffset Epoch = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly string User = SalesforceId.Make("005", 1);

    /// <summary>Within 300 days of the epoch, to the millisecond.</summary>
    public static DateTimeOffset StampOf(int number) => Epoch.AddSeconds(number * 10L % 25_920_000).AddMilliseconds(number % 1000);

    /// <summary>Whether a member has nothing in a field: one in eight, but never the fields that nobody leaves empty.</summary>
    public static bool IsEmpty(Leaf leaf, int number)
        => leaf.Kind != ValueKind.Boolean && leaf.RestName is not ("Name" or "LastName" or "OwnerId") && leaf.Field.Writable && ((number + leaf.Index) & 7) == 0;

    public static object? Of(Leaf leaf, int number)
    {
        if (leaf.RestName is "OwnerId" or "CreatedById" or "LastModifiedById") return User;
        if (leaf.RestName is "CreatedDate") return Epoch;
        if (leaf.RestName is "LastModifiedDate") return Epoch.AddSeconds(number * 10L % 25_920_000);
        if (IsEmpty(leaf, number)) return null;
        return leaf.Kind switch
        {
            ValueKind.Boolean => (number & 1) == 0,
            ValueKind.WholeNumber => number,
            ValueKind.Number => HundredthsOf(leaf, number) / 100d,
            ValueKind.DateTime => Epoch.AddSeconds(number % 86_400),
            ValueKind.Date => DateOf(number),
            ValueKind.Time => new TimeOnly(number % 24, number % 60),
            _ when leaf.Field.Kind == FieldKind.EntityId => SalesforceId.Make("001", 1 + (number % 1000)),
            _ when leaf.Field.Choices.Count > 0 => leaf.Field.Choices[number % leaf.Field.Choices.Count],
            _ => TextOf(leaf, number)
        };
    }

    /// <summary>Latitudes stay below 90.</summary>
    public static int HundredthsOf(Leaf leaf, int number) => leaf.Part >= 0 ? number % 9000 : number % 100_000_000;

    public static DateOnly DateOf(int number) => new DateOnly(2025, 1, 1).AddDays(number % 300);

    // One in sixteen has what CSV has to quote with care.
    public static string TextOf(Leaf leaf, int number) => string.Create(
        CultureInfo.InvariantCulture, $"{leaf.RestName} {number}{((number & 15) == 3 ? " says \"Grüße, 世界\"\nand more" : "")}");
}
