using System.Collections.Concurrent;

namespace SalesforceSync.Status;

/// <summary>
/// What the worker's parts report of themselves, in memory, and what follows from it for whoever asks whether to restart the process or to send it work.
/// Written and read by any thread; a reader sees each report whole.
/// </summary>
internal sealed class WorkerHealth(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, OrgReport> _orgs = new();
    private readonly ConcurrentDictionary<(string Org, string Channel), Stream> _streams = new();
    private volatile string? _databaseGone = "Postgres has not been reached yet";
    private volatile bool _started;

    /// <summary>Migrations are done and every org has its loops: the start is over, whatever the orgs' states.</summary>
    public void StartupDone() => _started = true;

    public void DatabaseReached() => _databaseGone = null;

    /// <param name="reason">For people, without values or secrets.</param>
    public void DatabaseGone(string reason) => _databaseGone = $"Postgres: {reason}";

    /// <summary>Replaces the org's state and the reasons for it. An org that stands by or is paused expects nothing of its streams.</summary>
    public void Set(string org, OrgState state, params string[] reasons)
    {
        _orgs[org] = new OrgReport(state, reasons);
        if (state is OrgState.Standby or OrgState.Paused)
            foreach (var stream in _streams.Keys.Where(s => s.Org == org))
                _streams.TryRemove(stream, out _);
    }

    /// <summary>The state last reported; starting before the first report.</summary>
    public OrgState StateOf(string org) => _orgs.TryGetValue(org, out var report) ? report.State : OrgState.Starting;

    /// <summary>A stream is enabled from now on, or has just said something: it is due to speak again within <paramref name="silenceAfter"/>.</summary>
    public void Spoke(string org, string channel, TimeSpan silenceAfter) => _streams[(org, channel)] = new Stream(time.GetTimestamp(), silenceAfter);

    /// <summary>As <see cref="Spoke"/>, of a stream that last spoke a while ago.</summary>
    public void Heard(string org, string channel, TimeSpan ago, TimeSpan silenceAfter) =>
        _streams[(org, channel)] = new Stream(time.GetTimestamp() - (long)(ago.TotalSeconds * time.TimestampFrequency), silenceAfter);

    /// <summary>The stream is not wanted any more. A stream that merely broke stays: its silence counts on.</summary>
    public void Forget(string org, string channel) => _streams.TryRemove((org, channel), out _);

    /// <summary>Whether the process is worth keeping: it answers, so it is. What is outside is no reason to kill it.</summary>
    public static HealthAnswer Live() => HealthAnswer.Of([], []);

    public HealthAnswer Startup() => HealthAnswer.Of(_started ? [] : ["starting", .. Database()], []);

    /// <summary>Whether every org is being followed, or stood by for. Degraded is a remark: the copy goes on, and says what is missing from it.</summary>
    public HealthAnswer Ready()
    {
        List<string> failures = [.. _started ? [] : new[] { "starting" }, .. Database()];
        List<string> remarks = [];
        foreach (var (org, report) in _orgs.OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            var line = report.Reasons.Count == 0 ? $"{org}: {report.State.Name()}" : $"{org}: {report.State.Name()}: {string.Join("; ", report.Reasons)}";
            if (report.State is OrgState.Starting or OrgState.Failed)
                failures.Add(line);
            else if (report.State is OrgState.Degraded || report.Reasons.Count > 0)
                remarks.Add(line);
        }
        foreach (var ((org, channel), stream) in _streams.OrderBy(s => s.Key))
            if (time.GetElapsedTime(stream.At) is var silent && silent > stream.SilenceAfter)
                failures.Add($"{org}/{channel}: silent for {silent.TotalSeconds:0} s, expected a sign of life within {stream.SilenceAfter.TotalSeconds:0} s");
        return HealthAnswer.Of(failures, remarks);
    }

    private string[] Database() => _databaseGone is { } reason ? [reason] : [];

    private sealed record OrgReport(OrgState State, IReadOnlyList<string> Reasons);

    private sealed record Stream(long At, TimeSpan SilenceAfter);
}
