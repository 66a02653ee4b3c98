namespace SalesforceSync.Simulator.Schemas;

/// <summary>A nested record of the event schemas: its name and its parts in order.</summary>
internal sealed record CompoundShape(string RecordName, IReadOnlyList<CompoundPart> Parts)
{
    // Shapes as of 2026; the older ones carried Xyz parts, which no REST field answers to.
    public static CompoundShape Address { get; } = new("Address",
    [
        new("Street", ValueKind.Text), new("City", ValueKind.Text), new("State", ValueKind.Text), new("PostalCode", ValueKind.Text),
        new("Country", ValueKind.Text), new("StateCode", ValueKind.Text), new("CountryCode", ValueKind.Text),
        new("Latitude", ValueKind.Number), new("Longitude", ValueKind.Number), new("GeocodeAccuracy", ValueKind.Text)
    ]);

    public static CompoundShape Location { get; } = new("Location", [new("Latitude", ValueKind.Number), new("Longitude", ValueKind.Number)]);

    // Middle name and suffix are there in orgs that switched them on.
    public static CompoundShape PersonName { get; } = new("PersonName",
    [
        new("Salutation", ValueKind.Text), new("FirstName", ValueKind.Text), new("LastName", ValueKind.Text),
        new("MiddleName", ValueKind.Text), new("Suffix", ValueKind.Text)
    ]);

    public static CompoundShape SwitchablePersonName { get; } = new("Switchable_PersonName",
        [new("Salutation", ValueKind.Text), new("FirstName", ValueKind.Text), new("LastName", ValueKind.Text)]);
}

/// <summary>One part of a compound field.</summary>
internal sealed record CompoundPart(string Name, ValueKind Kind);
