using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Crash;

/// <summary>
/// The real worker as a process of its own, configured by environment variables alone. It ends when disposed and when the tests die, however they die.
/// </summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    /// <summary>What a shell makes of SIGKILL.</summary>
    public const int Killed = 128 + 9;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // The outer shell is the worker's parent and holds our pipe: its end means that we are gone. The inner one says its id and becomes the worker, in
    // the group of the system that it is told.
    private const string Guarded = """
        exec 3<&0 </dev/null
        sh -c '[ -z "$MEMORY_GROUP" ] || echo $$ >"$MEMORY_GROUP/cgroup.procs"; echo $$; exec "$@"' worker "$@" 3<&- &
        worker=$!
        ( read -r _ <&3; kill -KILL $worker ) 2>/dev/null &
        guard=$!
        exec 3<&-
        wait $worker 2>/dev/null; code=$?
        kill $guard
        exit $code
        """;

    private readonly Process _shell;
    private readonly string? _who;
    private readonly TaskCompletionSource<int> _id = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];

    private WorkerProcess(Process shell, string? who)
    {
        (_shell, _who) = (shell, who);
        shell.OutputDataReceived += (_, line) => Said(line.Data);
        shell.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        shell.BeginOutputReadLine();
        shell.BeginErrorReadLine();
    }

    public int Id { get; private set; }

    public bool HasEnded => _shell.HasExited;

    /// <summary>Standard output: logs as JSON lines.</summary>
    public string Output
    {
        get { lock (_output) return string.Join('\n', _output); }
    }

    public string Errors
    {
        get { lock (_errors) return string.Join('\n', _errors); }
    }

    /// <param name="command">The command it runs; none is <c>run</c>.</param>
    public static async Task<WorkerProcess> StartAsync(IEnumerable<KeyValuePair<string, string>> environment, params string[] command)
    {
        var start = new ProcessStartInfo("sh", ["-c", Guarded, "guarded", .. WorkerProgram.Command, .. command.Length == 0 ? ["run"] : command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // No appsettings.json lies there.
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";
        start.Environment["DOTNET_ROOT"] = WorkerProgram.DotnetRoot;
        ShortLife.Of(start);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var worker = new WorkerProcess(Process.Start(start)!, Overheard.Who(command));
        worker.Id = await worker._id.Task.WaitAsync(Patience);
        return worker;
    }

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL");
        await EndedAsync();
    }

    /// <summary>SIGTERM; waits for the end and returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        return await EndedAsync();
    }

    /// <summary>Sends a signal by its name: TERM, STOP, CONT, KILL.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{Id}"]) { RedirectStandardError = true })!;
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for the end and returns the exit code; <see cref="Killed"/> after SIGKILL.</summary>
    public async Task<int> EndedAsync(TimeSpan? within = null)
    {
        using var deadline = new CancellationTokenSource(within ?? Patience);
        await _shell.WaitForExitAsync(deadline.Token);
        return _shell.ExitCode;
    }

    /// <summary>How often an event of this id was logged.</summary>
    public int Logged(int eventId)
    {
        lock (_output) return _output.Count(line => EventOf(line)?.Id == eventId);
    }

    /// <summary>Waits until an event was logged so often; the worker may not end before.</summary>
    public async Task UntilLoggedAsync(int eventId, int times = 1)
    {
        for (var began = TimeProvider.System.GetTimestamp(); Logged(eventId) < times;)
        {
            if (HasEnded) throw new InvalidOperationException($"the worker ended with {_shell.ExitCode} before event {eventId}:\n{this}");
            if (TimeProvider.System.GetElapsedTime(began) > Patience) throw new TimeoutException($"event {eventId} was never logged:\n{this}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>The port of its health page.</summary>
    public async Task<int> PortAsync()
    {
        const int listening = 8001;
        await UntilLoggedAsync(listening);
        lock (_output) return _output.Select(EventOf).First(e => e?.Id == listening)!.Value.Properties.GetProperty("Port").GetInt32();
    }

    /// <summary>The most memory it ever had resident so far, in bytes (VmHWM of /proc/pid/status, proc(5)).</summary>
    public long PeakResidentBytes() => StatusBytes("VmHWM:");

    /// <summary>The memory it has resident, in bytes.</summary>
    public long ResidentBytes() => StatusBytes("VmRSS:");

    /// <summary>How many files and sockets it has open.</summary>
    public int Handles() => Directory.EnumerateFileSystemEntries($"/proc/{Id}/fd").Count();

    /// <summary>What the system says its threads do: of a worker that does nothing and says nothing.</summary>
    public string Threads() => string.Join('\n', File.ReadLines($"/proc/{Id}/status").Where(line => line.StartsWith("State:", StringComparison.Ordinal) || line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Concat(Directory.EnumerateDirectories($"/proc/{Id}/task").Select(thread => $"{File.ReadAllText($"{thread}/comm").Trim()}: {File.ReadAllText($"{thread}/wchan")}")
            .GroupBy(thread => thread).Select(same => $"{same.Count()} {same.Key}")));

    public async ValueTask DisposeAsync()
    {
        if (!HasEnded) await KillAsync();
        _shell.Dispose();
    }

    public override string ToString()
    {
        lock (_output) return string.Join('\n', _output.TakeLast(40)) + "\n" + Errors;
    }

    private long StatusBytes(string what)
    {
        var line = File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith(what, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(what.Length, line.Length - what.Length - " kB".Length).Trim(), CultureInfo.InvariantCulture) * 1024;
    }

    private void Said(string? line)
    {
        if (_id.Task.IsCompleted) Add(_output, line);
        else if (line is null) _id.TrySetException(new InvalidOperationException($"the worker was never started: {Errors}"));
        else _id.TrySetResult(int.Parse(line, CultureInfo.InvariantCulture));
    }

    private void Add(List<string> lines, string? line)
    {
        if (line is null) return;
        Overheard.Note(_who, line);
        lock (lines) lines.Add(line);
    }

    private static (int Id, JsonElement Properties)? EventOf(string line)
    {
        if (!line.StartsWith('{') || !line.EndsWith('}')) return null;
        using var document = JsonDocument.Parse(line);
        var properties = document.RootElement.GetProperty("Properties");
        return properties.TryGetProperty("EventId", out var id) && id.TryGetProperty(nameof(Id), out var number) ? (number.GetInt32(), properties.Clone()) : null;
    }
}
