using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SalesforceSync.Tests.House;

/// <summary>
/// What a container engine does to a process, without an engine: a root of its own that is read-only, a tmpfs on /tmp, the image's user, no capability,
/// no new privileges, and no environment but what is given. The network stays the machine's.
/// </summary>
internal sealed class Jail : IDisposable
{
    // Everything happens in a mount namespace that ends with the process.
    private const string Enter = """
        set -eu
        root=$1 app=$2 dotnet=$3 config=$4 user=$5 group=$6; shift 6
        mount -t tmpfs jail "$root"
        cd "$root"
        mkdir -p app dotnet usr etc proc dev/shm tmp run/secrets ".$config"
        for name in bin sbin lib lib64; do
            if [ -L "/$name" ]; then cp -P "/$name" "$name"; elif [ -d "/$name" ]; then mkdir "$name"; mount -o bind,ro "/$name" "$name"; fi
        done
        for name in usr etc; do mount -o bind,ro "/$name" "$name"; done
        mount -o bind,ro "$app" app
        mount -o bind,ro "$dotnet" dotnet
        mount --rbind /proc proc
        for name in null zero random urandom; do : >"dev/$name"; mount --bind "/dev/$name" "dev/$name"; done
        mount -t tmpfs -o mode=1777 shm dev/shm
        mount -t tmpfs -o mode=1777 tmp tmp
        mount -o remount,ro "$root"
        exec chroot . /usr/bin/setpriv --reuid="$user" --regid="$group" --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
            /usr/bin/env -i -C "$config" "$@"
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("salesforce-sync-jail-").FullName;
    private readonly List<Process> _processes = [];

    /// <summary>Why no jail can be made here; null when one can, and in CI, where the test fails instead.</summary>
    public static string? SkipReason { get; } = Repository.IsCi || CanMount() ? null : "needs root and a mount namespace (unshare --mount)";

    /// <summary>Starts a command of the image; its standard output and error are collected.</summary>
    public JailedProcess Start(ImageFile image, IEnumerable<KeyValuePair<string, string>> environment, IEnumerable<string> command)
    {
        var user = image.User.Split(':');
        // /app and the framework are where the image has them, the framework by variable because the SDK may live anywhere on this machine.
        var variables = image.Environment.Concat(environment).Append(new("DOTNET_ROOT", "/dotnet")).Append(new("PATH", "/usr/bin:/bin"))
            .GroupBy(pair => pair.Key).Select(same => $"{same.Key}={same.Last().Value}");
        string[] arguments =
        [
            "--mount", "sh", "-c", Enter, "jail", _root, Repository.Published, DotnetRoot(), image.WorkingDirectory, user[0], user[1], .. variables, .. command,
        ];
        var process = Process.Start(new ProcessStartInfo("unshare", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _processes.Add(process);
        return new JailedProcess(process);
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        Directory.Delete(_root);
    }

    private static string DotnetRoot() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    private static bool CanMount()
    {
        if (!Environment.IsPrivilegedProcess) return false;
        using var probe = Process.Start(new ProcessStartInfo("unshare", ["--mount", "true"]) { RedirectStandardError = true })!;
        probe.WaitForExit();
        return probe.ExitCode == 0;
    }
}

/// <summary>A process in the jail and what it has said.</summary>
internal sealed class JailedProcess
{
    private readonly Process _process;
    private readonly List<string> _lines = [];

    public JailedProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Said
    {
        get { lock (_lines) return string.Join('\n', _lines); }
    }

    public async Task<int> ExitAsync(TimeSpan within)
    {
        using var deadline = new CancellationTokenSource(within);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public async Task<int> TerminateAsync(TimeSpan within)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        return await ExitAsync(within);
    }

    private void Add(string? line)
    {
        if (line is null) return;
        lock (_lines) _lines.Add(line);
    }
}
