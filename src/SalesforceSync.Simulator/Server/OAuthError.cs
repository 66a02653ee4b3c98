namespace SalesforceSync.Simulator.Server;

/// <summary>A refusal of the token endpoint.</summary>
internal sealed class OAuthError(string code, string description, int status = 400) : Exception($"{code}: {description}")
{
    public string Code => code;

    public string Description => description;

    public int Status => status;
}
