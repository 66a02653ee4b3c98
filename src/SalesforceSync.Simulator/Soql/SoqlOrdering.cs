using System.Globalization;

namespace SalesforceSync.Simulator.Soql;

/// <summary>How the org compares values: numbers by value whatever their type, texts without case, ids and times as they are.</summary>
internal static class SoqlOrdering
{
    public static int Compare(object left, object right) => (Plain(left), Plain(right)) switch
    {
        (decimal a, decimal b) => a.CompareTo(b),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        (DateOnly a, DateOnly b) => a.CompareTo(b),
        (TimeOnly a, TimeOnly b) => a.CompareTo(b),
        (bool a, bool b) => a.CompareTo(b),
        // Ids differ in case, so an order of texts has to tell it too.
        (string a, string b) when IsId(a) && IsId(b) => string.CompareOrdinal(a, b),
        (string a, string b) => string.Compare(a, b, StringComparison.OrdinalIgnoreCase),
        var (a, b) => throw new InvalidOperationException($"no order between {a?.GetType().Name} and {b?.GetType().Name}")
    };

    public static IEqualityComparer<object?> Equality(string type) => type is "id" or "reference" ? EqualityComparer<object?>.Default : Caseless.Instance;

    /// <summary>Numbers of every kind as decimals; the rest as it is.</summary>
    public static object? Plain(object? value) => value switch
    {
        int number => (decimal)number,
        // A cast would round to 15 digits.
        double number when Math.Abs(number) < 7e27 => decimal.Parse(number.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture),
        _ => value
    };

    private static bool IsId(string text) => text.Length == 18 && text.AsSpan(0, 6) is [_, _, _, 'D', 'p', '0'];

    private sealed class Caseless : IEqualityComparer<object?>
    {
        public static readonly Caseless Instance = new();

        public new bool Equals(object? x, object? y)
            => x is string a && y is string b ? string.Equals(a, b, StringComparison.OrdinalIgnoreCase) : object.Equals(x, y);

        public int GetHashCode(object? obj) => obj is string text ? StringComparer.OrdinalIgnoreCase.GetHashCode(text) : obj?.GetHashCode() ?? 0;
    }
}
