namespace SalesforceSync.Tests.House;

public class JailTests
{
    private static readonly ImageFile Image = ImageFile.Read(Path.Combine(Repository.Root, "Dockerfile"));

    [JailFact]
    public async Task The_jail_is_as_tight_as_the_container()
    {
        using var jail = new Jail();
        var process = jail.Start(Image, [], ["/bin/sh", "-c", """
            cat /proc/self/status; pwd; env
            for place in /app /config /etc /dev/shm /tmp; do (: >$place/probe) 2>/dev/null && echo "writes $place"; done
            """]);
        await process.ExitAsync(TimeSpan.FromSeconds(30));

        var said = process.Said.Split('\n').Select(line => line.Replace('\t', ' ')).ToList();
        said.ShouldContain("Uid: 65534 65534 65534 65534", process.Said);
        said.ShouldContain("Gid: 65534 65534 65534 65534");
        said.Where(line => line.StartsWith("Cap", StringComparison.Ordinal)).ShouldAllBe(line => line.EndsWith(": 0000000000000000"));
        said.ShouldContain("NoNewPrivs: 1");
        said.ShouldContain("/config");
        said.ShouldContain("DOTNET_EnableDiagnostics=0");
        said.ShouldNotContain(line => line.StartsWith("HOME=", StringComparison.Ordinal), "the machine's environment must not leak in");
        said.Where(line => line.StartsWith("writes", StringComparison.Ordinal)).ShouldBe(["writes /dev/shm", "writes /tmp"]);
    }
}
