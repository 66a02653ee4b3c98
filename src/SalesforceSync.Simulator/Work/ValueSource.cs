using System.Globalization;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Work;

/// <summary>Makes up a value that fits a leaf; the same random source makes the same values.</summary>
internal sealed class ValueSource(Random random)
{
    private static readonly DateTimeOffset FirstMoment = new(1701, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Salutations = ["Mr.", "Ms.", "Dr.", "Prof.", "Mx."];

    public TextSource Text { get; } = new(random);

    public object For(Leaf leaf) => leaf.Kind switch
    {
        ValueKind.Boolean => random.Next(2) == 0,
        ValueKind.WholeNumber => random.Next(10) switch { 0 => int.MaxValue, 1 => int.MinValue, 2 => 0, < 5 => -random.Next(1_000_000), _ => random.Next(1_000_000) },
        ValueKind.Number => leaf.Part < 0 ? Number(leaf.Field.Kind) : Coordinate(leaf),
        ValueKind.DateTime => Moment(),
        ValueKind.Date => Date(),
        ValueKind.Time => new TimeOnly(random.NextInt64(TimeSpan.TicksPerDay / TimeSpan.TicksPerMillisecond) * TimeSpan.TicksPerMillisecond),
        _ => leaf.Part < 0 ? TextFor(leaf.Field) : PartText(leaf)
    };

    private string TextFor(SimulatedField field) => field.Kind switch
    {
        FieldKind.DynamicEnum or FieldKind.StaticEnum => field.Choices[random.Next(field.Choices.Count)],
        FieldKind.MultiEnum => string.Join(';', random.GetItems(field.Choices.ToArray(), random.Next(1, 4)).Distinct(StringComparer.Ordinal)),
        FieldKind.Email => $"{Text.Letters(8)}+{random.Next(1000)}@example.com",
        FieldKind.Phone => $"+41 ({Text.Digits(2)}) {Text.Digits(3)}-{Text.Digits(4)}",
        FieldKind.Url => $"https://example.com/{Text.Letters(10)}?q={Text.Digits(3)}%20x#y",
        FieldKind.EntityId => SalesforceId.Make("0Xx", random.NextInt64(1L << 40)),
        FieldKind.ExternalId => Text.Digits(12),
        _ => Text.Any(field.MaxLength)
    };

    private string PartText(Leaf leaf) => leaf.RestName switch
    {
        "Salutation" => Salutations[random.Next(Salutations.Length)],
        "FirstName" or "MiddleName" => Text.Any(40),
        "LastName" => Text.Any(80),
        "Suffix" => random.Next(2) == 0 ? "Jr." : "III",
        var name when name.EndsWith("Code", StringComparison.Ordinal) && !name.Contains("Postal", StringComparison.Ordinal) => Text.Letters(2).ToUpperInvariant(),
        var name when name.EndsWith("GeocodeAccuracy", StringComparison.Ordinal) => random.Next(2) == 0 ? "Address" : "Zip",
        var name when name.EndsWith("PostalCode", StringComparison.Ordinal) => Text.Digits(5),
        var name when name.EndsWith("Street", StringComparison.Ordinal) => $"{Text.Any(200)}\n{random.Next(1000)}",
        _ => Text.Any(40)
    };

    // At most 15 significant digits, which a double carries exactly there and back; Salesforce itself is exact to no more on the stream.
    private double Number(FieldKind kind)
    {
        var (digits, scale) = kind switch
        {
            FieldKind.Currency => (random.Next(1, 16), 2),
            FieldKind.Percent => (random.Next(1, 6), 2),
            _ => random.Next(5) switch { 0 => (random.Next(1, 4), 12), 1 => (15, random.Next(0, 9)), _ => (random.Next(1, 10), random.Next(0, 5)) }
        };
        var number = double.Parse($"{Text.Digits(digits)}e-{scale}", CultureInfo.InvariantCulture);
        // No negative zero: no database column has one.
        return number > 0 && random.Next(4) == 0 ? -number : number;
    }

    private double Coordinate(Leaf leaf)
    {
        var most = leaf.RestName.Contains("Latitude", StringComparison.Ordinal) ? 90 : 180;
        return Math.Round(((random.NextDouble() * 2) - 1) * most, random.Next(0, 13)) + 0.0;
    }

    private DateTimeOffset Moment() => random.Next(4) switch
    {
        0 => FirstMoment.AddMilliseconds(random.NextInt64(8_000_000_000_000)),
        1 => DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(4_000_000_000_000)),
        _ => DateTimeOffset.FromUnixTimeSeconds(random.NextInt64(2_000_000_000))
    };

    private DateOnly Date() => random.Next(5) switch
    {
        0 => new DateOnly(1700, 1, 1).AddDays(random.Next(100_000)),
        1 => new DateOnly(1970, 1, 1).AddDays(random.Next(-3, 4)),
        2 => new DateOnly(4000, 12, 31).AddDays(-random.Next(1000)),
        _ => new DateOnly(2000, 1, 1).AddDays(random.Next(12_000))
    };
}
