using System.Diagnostics;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Cli;

/// <summary>The program as a process of its own, as a shell starts it; what it writes is collected. Disposing kills it if it still runs.</summary>
internal sealed class ProgramProcess : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<string> _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _who;
    private readonly List<string> _out = [];
    private readonly List<string> _error = [];

    private ProgramProcess(Process process, string? who)
    {
        (_process, _who) = (process, who);
        process.OutputDataReceived += (_, line) => Add(_out, line.Data);
        process.ErrorDataReceived += (_, line) => Add(_error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>The first line of standard output.</summary>
    public Task<string> FirstLine => _firstLine.Task;

    public string Out => Text(_out);

    public string Error => Text(_error);

    public static ProgramProcess Start(params string[] arguments) => Start(new Dictionary<string, string>(), arguments);

    public static ProgramProcess Start(Dictionary<string, string> environment, params string[] arguments)
    {
        // Through the host that runs the tests: the program's own launcher would have to find the framework first.
        var host = Path.Combine(Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../..")), "dotnet");
        var program = Path.Combine(AppContext.BaseDirectory, "salesforce-sync.dll");
        // Whoever started the tests in the background of a script may have told them, and so their children, to ignore the keyboard's signal.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", host, "exec", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        ShortLife.Of(start);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new ProgramProcess(Process.Start(start)!, Overheard.Who(arguments));
    }

    public async Task<int> ExitAsync(TimeSpan within)
    {
        using var deadline = new CancellationTokenSource(within);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Add(List<string> lines, string? line)
    {
        if (line is null)
            return;
        Overheard.Note(_who, line);
        lock (lines)
            lines.Add(line);
        if (lines == _out)
            _firstLine.TrySetResult(line);
    }

    private static string Text(List<string> lines)
    {
        lock (lines)
            return string.Join('\n', lines);
    }
}
