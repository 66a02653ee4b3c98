using System.Net;
using System.Net.Sockets;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.Chaos;

/// <summary>
/// Stands on a port of its own between a client and a server, and does to the connections what networks do: weather, silence, resets; between Postgres and
/// its client also what befalls a single question or its answer. What is cut where follows from the seed. Any thread.
/// </summary>
internal sealed class ChaosProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskGroup _links = new(CancellationToken.None);
    private readonly HashSet<ChaosLink> _open = [];
    private readonly Lock _gate = new();
    private readonly int _seed;
    private int _accepted;
    private long _exchanges;
    private volatile Weather _weather = Weather.Fair;
    private volatile Func<Exchange, Fate>? _judge;
    private volatile bool _isSilent;

    public ChaosProxy(int seed, bool isPostgres = false)
    {
        (_seed, IsPostgres) = (seed, isPostgres);
        _listener.Start();
        _links.Start("accept", AcceptAsync);
    }

    public bool IsPostgres { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>Where connections lead; to be said before the first comes.</summary>
    public IPEndPoint Target { get; set; } = new(IPAddress.Loopback, 0);

    public ProxyTally Tally { get; } = new();

    /// <summary>Questions asked of Postgres so far.</summary>
    public long Exchanges => Interlocked.Read(ref _exchanges);

    /// <summary>Connections made so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public Weather Weather
    {
        get => _weather;
        set => _weather = value;
    }

    /// <summary>Decides what becomes of each exchange with Postgres; null: all pass.</summary>
    public Func<Exchange, Fate>? Judge
    {
        get => _judge;
        set => _judge = value;
    }

    /// <summary>Nothing goes through any more and nothing is closed: who connects is accepted and never answered.</summary>
    public void FallSilent()
    {
        lock (_gate)
        {
            _isSilent = true;
            foreach (var link in _open)
                link.FallSilent();
        }
    }

    /// <summary>New connections go through again; those that saw the silence never hear anything any more, as behind a firewall that forgot them.</summary>
    public void SpeakAgain() => _isSilent = false;

    /// <summary>Resets every open connection, under both sides.</summary>
    public int ResetAll()
    {
        lock (_gate)
        {
            foreach (var link in _open)
                link.Reset();
            return _open.Count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _links.Cancel();
        _listener.Stop();
        ResetAll();
        await _links.DisposeAsync();
        _listener.Dispose();
    }

    private async Task AcceptAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(stop);
            }
            catch (SocketException) when (stop.IsCancellationRequested)
            {
                return;
            }
            var number = Interlocked.Increment(ref _accepted);
            var link = new ChaosLink(client, Target, IsPostgres ? new PostgresExchanges(JudgeNext, Tally) : null, () => _weather, Tally, HashCode.Combine(_seed, number));
            lock (_gate)
            {
                if (_isSilent)
                    link.FallSilent();
                _open.Add(link);
            }
            _links.Start($"link {number}", token => CarryAsync(link, token));
        }
    }

    private async Task CarryAsync(ChaosLink link, CancellationToken stop)
    {
        try
        {
            await link.CarryAsync(stop);
        }
        finally
        {
            lock (_gate)
                _open.Remove(link);
        }
    }

    private Fate JudgeNext(string sql, string transaction)
    {
        var number = Interlocked.Increment(ref _exchanges);
        return _judge?.Invoke(new(number, sql, transaction)) ?? Fate.Pass;
    }
}
