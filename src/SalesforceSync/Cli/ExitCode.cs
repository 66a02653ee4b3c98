namespace SalesforceSync.Cli;

/// <summary>What the program's exit code says.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    public const int Failed = 1;

    /// <summary>The configuration or the command line is wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>Of <c>status</c>: an org is degraded or failed.</summary>
    public const int Degraded = 3;
}
