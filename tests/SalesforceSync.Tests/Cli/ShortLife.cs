using System.Diagnostics;

namespace SalesforceSync.Tests.Cli;

/// <summary>A process of a test lives for seconds: compiling its methods a second time, by what was learned while they ran, would be most of its work.</summary>
internal static class ShortLife
{
    public static void Of(ProcessStartInfo start)
    {
        start.Environment["DOTNET_TieredPGO"] = "0";
        // Hexadecimal milliseconds.
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "EA60";
    }
}
