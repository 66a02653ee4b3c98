using System.Text.Json;
using SalesforceSync.Configuration;

namespace SalesforceSync.Tests.Configuration;

/// <summary>Real sources of configuration in a folder and an environment prefix of their own, so that tests do not see each other.</summary>
internal sealed class ScratchConfiguration : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sync-config-").FullName;
    private readonly string _prefix = $"T{Guid.NewGuid():N}_";
    private readonly List<string> _variables = [];

    public string? ConfigFile { get; set; }

    /// <summary>The least that is valid, in appsettings.json: one org <c>acme</c>.</summary>
    public static ScratchConfiguration Valid() => new ScratchConfiguration().Json("appsettings.json", """
        {
          "ConnectionStrings": { "Postgres": "Host=db;Username=sync;Password=CANARY-pg;Database=copy" },
          "Orgs": { "acme": { "LoginUrl": "https://acme.my.salesforce.com",
            "Auth": { "ClientId": "CANARY-id", "ClientSecret": "CANARY-secret" } } }
        }
        """);

    public ScratchConfiguration Json(string file, string json)
    {
        File.WriteAllText(Path(file), json);
        return this;
    }

    public ScratchConfiguration Json(string file, object document) => Json(file, JsonSerializer.Serialize(document));

    public ScratchConfiguration SecretFile(string name, string content)
    {
        Directory.CreateDirectory(Path("secrets"));
        File.WriteAllText(System.IO.Path.Combine(Path("secrets"), name), content);
        return this;
    }

    public ScratchConfiguration Variable(string name, string value)
    {
        _variables.Add(_prefix + name);
        Environment.SetEnvironmentVariable(_prefix + name, value);
        return this;
    }

    public ScratchConfiguration Config(string file)
    {
        ConfigFile = file;
        return this;
    }

    public string Path(string file) => System.IO.Path.Combine(_folder, file);

    public ConfigurationSources Sources() => new(_folder, ConfigFile, Path("secrets"), _prefix);

    public SyncOptions Options()
    {
        var configuration = new SyncConfiguration(Sources());
        var options = configuration.ReadAll();
        configuration.Faults.ShouldBeEmpty();
        return options.ShouldNotBeNull();
    }

    public OrgOptions Org() => Options().Orgs.ShouldHaveSingleItem();

    public string[] Faults()
    {
        var configuration = new SyncConfiguration(Sources());
        var options = configuration.ReadAll();
        if (configuration.Faults.Count > 0)
            options.ShouldBeNull();
        return [.. configuration.Faults.Select(f => f.ToString())];
    }

    public void Dispose()
    {
        foreach (var variable in _variables)
            Environment.SetEnvironmentVariable(variable, null);
        Directory.Delete(_folder, recursive: true);
    }
}
