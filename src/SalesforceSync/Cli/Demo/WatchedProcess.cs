using System.Diagnostics;

namespace SalesforceSync.Cli.Demo;

/// <summary>
/// A program of ours that cannot outlive us, however we die, and that Ctrl-C does not reach before we have decided what it means. Safe from any thread.
/// </summary>
internal sealed class WatchedProcess : IAsyncDisposable
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(10);

    // The shell is the program's parent and reads our pipe: a word is a signal to pass on, the end of the pipe means that we are gone. A parent-death
    // signal would not do, because it follows the thread that forked. The first line of output is the program's process id, told before it can speak.
    private const string Watchdog = """
        log=$1; said=$2; shift 2
        exec 3<&0 </dev/null 2>>"$log"
        sh -c 'said=$1; shift; echo $$; exec "$@" >>"$said"' start "$said" "$@" 3<&- &
        child=$!
        (
            while read -r word <&3; do kill -s "$word" $child; done
            kill -s KILL $child
        ) &
        watcher=$!
        exec 3<&-
        wait $child; code=$?
        kill $watcher
        exit $code
        """;

    private readonly Process _shell;
    private readonly TimeProvider _time;

    private WatchedProcess(Process shell, int id, TimeProvider time)
    {
        (_shell, Id, _time) = (shell, id, time);
        Exited = ExitAsync();
    }

    /// <summary>The program's own process id.</summary>
    public int Id { get; }

    /// <summary>Completes with the exit code; 128 and the signal's number after a signal.</summary>
    public Task<int> Exited { get; }

    /// <summary>Whether its end is wanted.</summary>
    public bool IsToldToEnd { get; private set; }

    /// <summary>Starts a program in a session and a directory of its own.</summary>
    /// <param name="log">A file that takes standard error, and standard output too unless <paramref name="speaks"/>.</param>
    /// <param name="speaks">Its standard output is for <see cref="ReadLineAsync"/>.</param>
    /// <param name="environment">Takes the place of the whole of ours.</param>
    public static async Task<WatchedProcess> StartAsync(
        IEnumerable<string> command, IReadOnlyDictionary<string, string> environment, string log, bool speaks, TimeProvider time, CancellationToken stop)
    {
        var start = new ProcessStartInfo("setsid", ["sh", "-c", Watchdog, "watchdog", log, speaks ? "/dev/stdout" : log, .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(log)!,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var shell = Process.Start(start)!;
        try
        {
            var first = await shell.StandardOutput.ReadLineAsync(stop);
            return int.TryParse(first, out var id) ? new WatchedProcess(shell, id, time) : throw new DemoFailedException($"{command.First()} could not be started");
        }
        catch
        {
            // The end of its pipe ends it.
            shell.Dispose();
            throw;
        }
    }

    /// <summary>The next line it says; null when it has ended.</summary>
    public ValueTask<string?> ReadLineAsync(CancellationToken stop) => _shell.StandardOutput.ReadLineAsync(stop);

    /// <summary>SIGKILL, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL");
        await Exited;
    }

    /// <summary>SIGTERM; what has not ended ten seconds later is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        await SignalAsync("TERM");
        if (await Task.WhenAny(Exited, Task.Delay(Farewell, _time, CancellationToken.None)) != Exited)
            await KillAsync();
        await Exited;
        _shell.Dispose();
    }

    /// <param name="name">Without SIG, as kill(1) takes it. Nothing happens when the program has ended.</param>
    public async Task SignalAsync(string name)
    {
        IsToldToEnd = true;
        try
        {
            await _shell.StandardInput.WriteLineAsync(name.AsMemory(), CancellationToken.None);
        }
        catch (IOException)
        {
            // It has ended already.
        }
    }

    private async Task<int> ExitAsync()
    {
        await _shell.WaitForExitAsync(CancellationToken.None);
        return _shell.ExitCode;
    }
}
