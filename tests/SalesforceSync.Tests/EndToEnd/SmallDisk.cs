using System.Diagnostics;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>A test that needs a file system of its own, which takes root and the right to mount.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = PostgresFixture.SkipReason ?? SmallDisk.SkipReason;
}

/// <summary>A file system in memory with little room, which can be filled up.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Directory = path;

    public static string? SkipReason { get; } = Try();

    public string Directory { get; }

    private string Ballast => Path.Combine(Directory, "ballast");

    public static SmallDisk Mount(int megabytes)
    {
        var path = System.IO.Directory.CreateTempSubdirectory("salesforce-sync-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=777", "small", path)) return new(path);
        System.IO.Directory.Delete(path);
        throw new InvalidOperationException("mount refused; run as root with the right to mount");
    }

    /// <summary>Takes all room that is left.</summary>
    public void Fill()
    {
        using var ballast = File.OpenWrite(Ballast);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                ballast.Write(block);
                ballast.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", "--lazy", Directory);
        System.IO.Directory.Delete(Directory);
    }

    private static string? Try()
    {
        if (Environment.IsPrivilegedProcess)
        {
            try
            {
                Mount(1).Dispose();
                return null;
            }
            catch (InvalidOperationException)
            {
                // Said below.
            }
        }
        return "needs root and the right to mount a tmpfs";
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
