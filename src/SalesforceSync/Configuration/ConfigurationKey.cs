namespace SalesforceSync.Configuration;

/// <summary>A key of the configuration, as a person is told of it.</summary>
/// <param name="Path">With <see cref="Org"/>, <see cref="Object"/> and <see cref="Field"/> where a name stands.</param>
/// <param name="Default">What holds where it is not given; in code quotes where it could be written so.</param>
/// <param name="Meaning">What it does: a sentence without its full stop.</param>
/// <param name="Values">What it takes, where the reader tells less than there is to know.</param>
internal sealed record ConfigurationKey(string Path, string Default, string Meaning, string? Values = null)
{
    /// <summary>Stands for the name of an org.</summary>
    public const string Org = "<name>";

    /// <summary>Stands for the API name of an object.</summary>
    public const string Object = "<object>";

    /// <summary>Stands for the API name of a field.</summary>
    public const string Field = "<field>";

    /// <summary>The last part.</summary>
    public string Name => Path[(Path.LastIndexOf(':') + 1)..];

    /// <summary>The default as it stands in a JSON file; null where there is none that could be written.</summary>
    public string? Written => !Default.StartsWith('`') ? null : Default.Trim('`').Split('`')[0] is var text && IsJson(text) ? text : $"\"{text}\"";

    /// <summary>Of another reader: whatever stands below it.</summary>
    public bool IsForeign => Name == "*";

    private static bool IsJson(string text) => text is "true" or "false" || text.StartsWith('[') || text.All(char.IsAsciiDigit);
}
