using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace SalesforceSync.Configuration;

/// <summary>Environment variables as the framework reads them, with the API names in one piece.</summary>
internal sealed class EnvironmentSource(string prefix) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new Variables(prefix);

    private sealed class Variables(string prefix) : EnvironmentVariablesConfigurationProvider(prefix)
    {
        public override void Load()
        {
            base.Load();
            var cut = Data;
            Data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            foreach (var (key, value) in cut)
                Data[ApiNameKeys.Mend(key)] = value;
        }
    }
}
