using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using SalesforceSync.Cli.Demo;
using SalesforceSync.Simulator.Control;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Benchmarks.EndToEnd;

/// <summary><c>salesforce-sync simulate</c> as a process, over TLS, and the control of it.</summary>
internal sealed class BenchedOrg : IAsyncDisposable
{
    private readonly WatchedProcess _process;
    private readonly HttpClient _http;
    private readonly JsonElement _ready;

    private BenchedOrg(WatchedProcess process, HttpClient http, JsonElement ready) => (_process, _http, _ready) = (process, http, ready);

    public int ProcessId => _process.Id;

    public string LoginUrl => _ready.GetProperty("loginUrl").GetString()!;

    public Uri PubSubEndpoint => new(_ready.GetProperty("pubSubEndpoint").GetString()!);

    public string OrgId => _ready.GetProperty("orgId").GetString()!;

    public string ClientId => _ready.GetProperty("clientId").GetString()!;

    public string ClientSecret => _ready.GetProperty("clientSecret").GetString()!;

    public static async Task<BenchedOrg> StartAsync(string program, string name, LocalAuthority authority, TimeProvider time, CancellationToken stop, params string[] more)
    {
        string[] command = [program, "simulate", "--rate", "0", "--certificate", authority.CertificateFile, "--certificate-key", authority.KeyFile, .. more];
        var process = await WatchedProcess.StartAsync(command, Surroundings(), Path.Combine(authority.Folder, $"{name}-org.log"), speaks: true, time, stop);
        var line = await process.ReadLineAsync(stop) ?? throw new InvalidOperationException($"{program} simulate ended at once");
        var ready = JsonSerializer.Deserialize<JsonElement>(line);
        var trust = new SocketsHttpHandler { UseProxy = false };
        trust.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority.Root }, RevocationMode = X509RevocationMode.NoCheck };
        return new BenchedOrg(process, new HttpClient(trust) { BaseAddress = new Uri(ready.GetProperty("loginUrl").GetString()!) }, ready);
    }

    /// <summary>Our environment without what could configure a worker for somebody's real org.</summary>
    public static Dictionary<string, string> Surroundings() => Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
        .Select(variable => ((string)variable.Key, (string?)variable.Value ?? ""))
        .Where(variable => !variable.Item1.Contains("__", StringComparison.Ordinal))
        .ToDictionary(variable => variable.Item1, variable => variable.Item2);

    /// <summary>An access token, as the npm client wants to be given one.</summary>
    public async Task<string> SignInAsync(CancellationToken stop)
    {
        using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", ClientId), new("client_secret", ClientSecret)]);
        using var answer = await _http.PostAsync(new Uri("services/oauth2/token", UriKind.Relative), form, stop);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("access_token").GetString()!;
    }

    public async Task<SimulatorState> StateAsync(CancellationToken stop) => (await _http.GetFromJsonAsync<SimulatorState>("sim/state", ControlJson.Options, stop))!;

    /// <summary>Encodes single-record updates of 1,000 accounts and keeps them back.</summary>
    /// <param name="rate">Events per second once released; 0 for all at once.</param>
    public async Task PrepareAsync(int events, double rate, TimeProvider time, CancellationToken stop)
    {
        var order = new WorkloadOrder { Bench = true, Hold = true, Transactions = events, Rate = rate };
        (await _http.PostAsJsonAsync("sim/workload", order, ControlJson.Options, stop)).EnsureSuccessStatusCode();
        while ((await StateAsync(stop)).Workload is { Held: false } workload)
        {
            if (workload.Failure is { } failure)
                throw new InvalidOperationException($"the org could not encode: {failure}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, stop);
        }
    }

    public async Task ReleaseAsync(CancellationToken stop) => (await _http.PostAsync(new Uri("sim/workload/release", UriKind.Relative), null, stop)).EnsureSuccessStatusCode();

    /// <summary>When events came onto a topic, in order.</summary>
    /// <param name="after">Replay id in hex, exclusive; null for the oldest.</param>
    public async Task<IReadOnlyList<CommitStamp>> CommitsAsync(string topic, string? after, CancellationToken stop) =>
        (await _http.GetFromJsonAsync<List<CommitStamp>>($"sim/commits?topic={topic}&after={after}", ControlJson.Options, stop))!;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }
}
