using System.Reflection;

namespace SalesforceSync.Cli.Demo;

/// <summary>How this very program is started once more.</summary>
internal static class OwnProgram
{
    /// <summary>The launcher beside the program or, when it was started by <c>dotnet exec</c>, that and the assembly.</summary>
    public static IReadOnlyList<string> Command
    {
        get
        {
            var running = Environment.ProcessPath ?? throw new DemoFailedException("the system does not tell which program this is: start out/salesforce-sync by its path");
            return Path.GetFileNameWithoutExtension(running) == "dotnet" ? [running, "exec", Assembly.GetExecutingAssembly().Location] : [running];
        }
    }
}
