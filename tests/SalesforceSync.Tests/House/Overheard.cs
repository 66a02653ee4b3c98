using System.Diagnostics;
using System.Reflection;

namespace SalesforceSync.Tests.House;

/// <summary>
/// Keeps what the product says while it is tested, logs and output of commands and processes, one line per line, in the folder that SYNC_TEST_OVERHEARD names: script/test
/// looks for secrets in it. Without the folder nothing is kept.
/// </summary>
internal static class Overheard
{
    private static readonly StreamWriter? Kept = Open();

    /// <summary>The test that asks, as far as the stack still tells; to be asked when whoever speaks is made. Null: what it says is not kept.</summary>
    /// <param name="arguments">What a command is told: the simulated org says its secrets on purpose.</param>
    public static string? Who(IEnumerable<string>? arguments = null)
    {
        if (Kept is null || arguments?.Contains("simulate") == true) return null;
        var frames = new StackTrace().GetFrames().Select(frame => frame.GetMethod()?.DeclaringType).OfType<Type>().Where(type => type.Assembly == typeof(Overheard).Assembly && type != typeof(Overheard));
        // A method that awaits is a type within its class, named <method>d__n.
        var named = frames.Select(type => type.IsNested && type.Name.StartsWith('<') ? $"{type.DeclaringType!.Name}.{type.Name[1..type.Name.IndexOf('>', StringComparison.Ordinal)]}" : type.Name).Distinct().ToList();
        return named.FirstOrDefault(name => name.Split('.')[0].EndsWith("Tests", StringComparison.Ordinal)) ?? named.LastOrDefault() ?? "tests";
    }

    public static void Note(string? who, string? text)
    {
        if (Kept is null || who is null || string.IsNullOrEmpty(text)) return;
        lock (Kept) Kept.WriteLine($"[{who}] {text.ReplaceLineEndings("\\n")}");
    }

    private static StreamWriter? Open()
    {
        if (Environment.GetEnvironmentVariable("SYNC_TEST_OVERHEARD") is not { Length: > 0 } folder) return null;
        Directory.CreateDirectory(folder);
        var file = new StreamWriter(Path.Combine(folder, $"{Assembly.GetExecutingAssembly().GetName().Name}-{Environment.ProcessId}.txt"));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => { lock (file) file.Flush(); };
        return file;
    }
}
