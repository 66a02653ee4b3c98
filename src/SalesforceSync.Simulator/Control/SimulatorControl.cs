using System.Net.Http.Json;
using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Simulator.Control;

/// <summary>Drives a simulator that runs in another process. Any thread.</summary>
/// <param name="loginUrl">The simulator's OAuth and REST address; the control surface is beside them.</param>
public sealed class SimulatorControl(Uri loginUrl) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = loginUrl };

    /// <exception cref="HttpRequestException">The simulator cannot be reached.</exception>
    public async Task<SimulatorState> StateAsync(CancellationToken stop)
        => await _http.GetFromJsonAsync<SimulatorState>("sim/state", ControlJson.Options, stop) ?? throw new InvalidDataException("the state is empty");

    /// <summary>Everything the org knows, between two commits.</summary>
    /// <exception cref="HttpRequestException">The simulator cannot be reached.</exception>
    public async Task<Truth> TruthAsync(CancellationToken stop)
    {
        await using var stream = await _http.GetStreamAsync(new Uri("sim/truth", UriKind.Relative), stop);
        return await TruthJson.ReadAsync(stream, stop);
    }

    /// <summary>When events came onto the bus, in order, at most 50,000 at a time.</summary>
    /// <param name="after">Replay id in hex, exclusive; null for the oldest retained.</param>
    public async Task<IReadOnlyList<CommitStamp>> CommitsAsync(string? after, CancellationToken stop)
        => await _http.GetFromJsonAsync<List<CommitStamp>>($"sim/commits?after={after}", ControlJson.Options, stop) ?? [];

    /// <summary>What was committed, in order, at most 50,000 at a time. Bench transactions are not in it.</summary>
    /// <param name="skip">How many are known already.</param>
    public async Task<IReadOnlyList<TransactionStamp>> TransactionsAsync(int skip, CancellationToken stop)
        => await _http.GetFromJsonAsync<List<TransactionStamp>>($"sim/transactions?skip={skip}", ControlJson.Options, stop) ?? [];

    public async Task<WorkloadStatus> WorkloadAsync(CancellationToken stop)
        => await _http.GetFromJsonAsync<WorkloadStatus>("sim/workload", ControlJson.Options, stop) ?? throw new InvalidDataException("the status is empty");

    /// <exception cref="HttpRequestException">A workload is running already (409), or the simulator cannot be reached.</exception>
    public async Task StartWorkloadAsync(WorkloadOrder order, CancellationToken stop)
        => (await _http.PostAsJsonAsync("sim/workload", order, ControlJson.Options, stop)).EnsureSuccessStatusCode();

    /// <summary>Lets go what a held bench has encoded.</summary>
    public async Task ReleaseAsync(CancellationToken stop)
        => (await _http.PostAsync(new Uri("sim/workload/release", UriKind.Relative), null, stop)).EnsureSuccessStatusCode();

    public async Task ArmAsync(FaultKind kind, FaultOrder order, CancellationToken stop)
        => (await _http.PostAsJsonAsync($"sim/faults/{kind}", order, ControlJson.Options, stop)).EnsureSuccessStatusCode();

    /// <summary>Time passes for the org and its bus alone; events grow old, late ones arrive.</summary>
    public Task AdvanceAsync(TimeSpan by, CancellationToken stop) => PostAsync("sim/advance", new AdvanceOrder(by), stop);

    /// <summary>Plants records that were there before; workloads begun afterwards work on them too.</summary>
    /// <exception cref="HttpRequestException">A workload is running (409).</exception>
    public Task PrefillAsync(PrefillOrder order, CancellationToken stop) => PostAsync("sim/prefill", order, stop);

    public Task AllowAsync(AccessOrder order, CancellationToken stop) => PostAsync("sim/access", order, stop);

    public Task SelectAsync(SelectionOrder order, CancellationToken stop) => PostAsync("sim/selection", order, stop);

    public Task ChangeFieldAsync(FieldOrder order, CancellationToken stop) => PostAsync("sim/fields", order, stop);

    /// <summary>Commits transactions of one kind at once, whatever else runs.</summary>
    public Task CommitAsync(HardKind kind, int times, CancellationToken stop) => PostAsync($"sim/workload/{kind}?times={times}", "", stop);

    /// <summary>Takes back all faults that have not struck yet.</summary>
    public async Task ClearFaultsAsync(CancellationToken stop)
        => (await _http.DeleteAsync(new Uri("sim/faults", UriKind.Relative), stop)).EnsureSuccessStatusCode();

    private async Task PostAsync<T>(string path, T order, CancellationToken stop)
    {
        using var answer = await _http.PostAsJsonAsync(path, order, ControlJson.Options, stop);
        if (answer.IsSuccessStatusCode) return;
        throw new HttpRequestException($"{path}: {await answer.Content.ReadAsStringAsync(stop)}", null, answer.StatusCode);
    }

    public void Dispose() => _http.Dispose();
}
