using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace SalesforceSync.Configuration;

/// <summary>
/// Environment variables and secret files put two underscores between sections, and names of custom objects have them too: what stands between
/// <c>Objects</c> and the next word that is a key of an object is one name, so that <c>Orgs__acme__Objects__Invoice__c__Deletes</c> means what it says. Pure.
/// </summary>
internal static class CustomNames
{
    private const string Underscores = "__";
    private const int NameAt = 3;

    private static readonly string[] Words = ["Include", "Fields", "Exclude", "Mask", "Deletes"];

    /// <param name="key">With colons between sections.</param>
    public static string Join(string key)
    {
        var parts = key.Split(ConfigurationPath.KeyDelimiter);
        if (parts.Length <= NameAt + 1 || !Is(parts[0], "Orgs") || !Is(parts[2], "Objects"))
            return key;
        var word = Array.FindIndex(parts, NameAt + 1, part => Words.Any(known => Is(part, known)));
        if (word < 0)
            return key;
        string[] behind = parts[(word + 1)..];
        if (Is(parts[word], "Mask") && behind.Length > 1)
            behind = [string.Join(Underscores, behind)];
        return ConfigurationPath.Combine([.. parts[..NameAt], string.Join(Underscores, parts[NameAt..word]), parts[word], .. behind]);
    }

    private static bool Is(string part, string word) => part.Equals(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>The framework's source of environment variables, with custom names as they are.</summary>
    internal sealed class Environment(string prefix) : EnvironmentVariablesConfigurationProvider(prefix), IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public override void Load()
        {
            base.Load();
            var joined = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            foreach (var (key, value) in Data)
                joined[Join(key)] = value;
            Data = joined;
        }
    }
}
