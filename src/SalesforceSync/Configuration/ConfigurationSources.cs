using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;

namespace SalesforceSync.Configuration;

/// <summary>Where configuration comes from; a later source wins: appsettings.json, the file of <c>--config</c>, secret files, the environment.</summary>
/// <param name="WorkingDirectory">Where <c>appsettings.json</c> is looked for; a relative <paramref name="ConfigFile"/> starts here too.</param>
/// <param name="ConfigFile">The file of <c>--config</c>: when named it must exist.</param>
/// <param name="SecretsDirectory">One file per key, <c>__</c> between sections, and within API names as they are; other files there are not even opened.</param>
/// <param name="EnvironmentPrefix">Only variables with this prefix are read, and it is cut off; empty reads all.</param>
internal sealed record ConfigurationSources(
    string WorkingDirectory, string? ConfigFile = null, string SecretsDirectory = "/run/secrets", string EnvironmentPrefix = "")
{
    private static readonly string[] OurSections = ["Orgs__", "Http__", "Telemetry__", "ConnectionStrings__", "Serilog__"];

    /// <summary>Reads all sources. A source that cannot be read is a fault; the others are still read, so that all faults show at once.</summary>
    public IConfigurationRoot Load(List<ConfigurationFault> faults)
    {
        var providers = new List<IConfigurationProvider>();
        AddJson(providers, Path.Combine(WorkingDirectory, "appsettings.json"), required: false, faults);
        if (ConfigFile is not null)
            AddJson(providers, Path.GetFullPath(ConfigFile, WorkingDirectory), required: true, faults);
        if (Directory.Exists(SecretsDirectory))
            AddSecrets(providers, faults);
        Add(providers, "environment", new EnvironmentSource(EnvironmentPrefix), faults);
        return new ConfigurationRoot(providers);
    }

    private static void AddJson(List<IConfigurationProvider> providers, string path, bool required, List<ConfigurationFault> faults)
    {
        if (!File.Exists(path))
        {
            if (required)
                faults.Add(new("--config", path, "there is no such file; name one that exists"));
            return;
        }
        Add(providers, path, new JsonConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(Path.GetDirectoryName(path)!, ExclusionFilters.None),
            Path = Path.GetFileName(path),
        }, faults);
    }

    // The framework's key-per-file source opens every file before it asks whether to ignore it: one that is not ours and cannot be read would stop the start.
    private void AddSecrets(List<IConfigurationProvider> providers, List<ConfigurationFault> faults)
    {
        var ours = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in Directory.EnumerateFiles(SecretsDirectory).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            if (!OurSections.Any(section => name.StartsWith(section, StringComparison.OrdinalIgnoreCase)))
                continue;
            try
            {
                ours[ApiNameKeys.Mend(name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal))] = File.ReadAllText(file).TrimEnd('\r', '\n');
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                faults.Add(new(file, ConfigurationFault.Hidden, "cannot be read; let the user this program runs as read it"));
            }
        }
        Add(providers, SecretsDirectory, new MemoryConfigurationSource { InitialData = ours }, faults);
    }

    // Each source is read alone first, so that one that cannot be read does not hide the faults of the others.
    private static void Add(List<IConfigurationProvider> providers, string name, IConfigurationSource source, List<ConfigurationFault> faults)
    {
        try
        {
            var provider = source.Build(new ConfigurationBuilder());
            provider.Load();
            providers.Add(provider);
        }
        catch (Exception e) when (e is JsonException || e.InnerException is FormatException { InnerException: JsonException } || e.InnerException is JsonException)
        {
            var json = e as JsonException ?? e.InnerException as JsonException ?? (JsonException)e.InnerException!.InnerException!;
            faults.Add(new(name, $"line {json.LineNumber + 1}", "is not JSON from here on; correct it"));
        }
        catch (InvalidDataException)
        {
            faults.Add(new(name, ConfigurationFault.Hidden, "is not one JSON object with each key once; correct it"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(new(name, ConfigurationFault.Hidden, "cannot be read; let the user this program runs as read it"));
        }
    }
}
