using System.Security.Cryptography;
using System.Text;
using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;
using SalesforceSync.Tests.Worlds;

namespace SalesforceSync.Tests.StreamWorlds;

/// <summary>
/// One channel from the bus to whole transactions, in memory and on one thread: a seed decides what happens in the org, which step is taken next, what fails
/// and what crashes. In the end everything that was published is accounted for, or a lost position says why not.
/// </summary>
internal sealed class StreamWorld
{
    private const int MostSteps = 20_000;

    private static readonly string[] Objects = ["Account", "Contact"];

    private static readonly Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>> None = [];

    // Merged events of such an object come as one for each record, all with the ids of the one.
    private static readonly Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>> Enriched =
        new() { [Topic.AllChanges] = new Dictionary<string, IReadOnlyList<string>> { ["Account"] = ["Phone"], ["Contact"] = ["Department"] } };

    private readonly StreamWorldKind _kind;
    private readonly WorldTally _tally;
    private readonly Random _random;
    private readonly StoppedTime _time = new();
    private readonly SimulatedOrg _org;
    private readonly Topic _topic;
    private readonly Workload _workload;
    private readonly StreamTables _tables;
    private readonly CompiledSchemas _schemas;
    private readonly List<Published> _published = [];
    private readonly IncrementalHash _trace = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly StreamTrouble _has;
    private BusPlace _witness;
    private StreamLife _life;
    private bool _isOver;
    private readonly Action<string>? _tell;

    /// <param name="tell">Told each step, for a person who looks for what went wrong.</param>
    public StreamWorld(StreamWorldKind kind, WorldTally tally, Action<string>? tell = null)
    {
        _tell = tell;
        (_kind, _tally, _random, _has) = (kind, tally, new Random(kind.Seed), kind.Has);
        _org = new(new() { Seed = kind.Seed, Objects = Objects, Channels = new Dictionary<string, IReadOnlyList<string>>(), Enrichment = kind.IsEnriched ? Enriched : None }, _time);
        _topic = _org.FindTopic(Topic.AllChanges)!;
        var hard = new HardWeights { MergedGap = 40, Overflow = 5, LateArrival = 60, AddField = 5, HardDelete = 10, TextDifference = 20 };
        _workload = new(_org, new() { Seed = kind.Seed, Objects = Objects, MaxRecordsPerObject = 12, Hard = hard, Interleaving = kind.Seed % 2 == 0 });
        _tables = new(Lost);
        _schemas = new((id, _) => ValueTask.FromResult(_org.FindSchema(id)?.Json));
        _witness = _org.Bus.Earliest;
        _life = Begin();
    }

    /// <summary>What was published, as a witness has seen it who misses nothing.</summary>
    /// <param name="Identity">Of the event and of the records it names.</param>
    internal sealed record Published(string Identity, ChangeEventHeader Header);

    /// <summary>The same for two lives of one seed.</summary>
    public string Trace => Convert.ToHexString(_trace.GetCurrentHash());

    public IReadOnlyList<Published> All => _published;

    public StreamTables Tables => _tables;

    /// <summary>How much was published when anything of the stream was stored for the first time.</summary>
    public int HeardFrom { get; private set; } = int.MaxValue;

    /// <summary>The moments at which the org forgot what it had published: how much that was, how many positions were lost until then, and whether one was still lost.</summary>
    internal List<(int Published, int Losses, bool IsLost)> Forgettings { get; } = [];

    /// <summary>How much was published each time the stream went on with the next event.</summary>
    internal List<int> Skips { get; } = [];

    /// <summary>Lives until everything is applied, and is judged.</summary>
    /// <exception cref="StreamWorldException">Something is not accounted for.</exception>
    public void Live()
    {
        for (var step = 0; _org.Transactions < _kind.Transactions; step++)
        {
            if (step > MostSteps)
                throw new StreamWorldException(_kind, "never ends");
            Step(_random.Next(100));
        }
        _isOver = true;
        Pass(TimeSpan.FromMinutes(1));
        Rest();
        new StreamVerdict(_kind, this).Judge();
        _tally.Count(WorldTally.Worlds);
        _tally.Count(WorldTally.Transactions, _org.Transactions);
        _tally.Count("events", _published.Count);
        _tally.Count("events that share their ids", _published.Count - _published.Select(p => p.Identity.Split('/')[0]).Distinct().Count());
        _tally.Count("transactions cut", _tables.Parts.Count(part => part.IsCut));
        _tally.Count("parts that came late", _tables.Parts.Count(part => part.IsLate));
        _tally.Count("positions lost", _tables.Losses);
        _tally.Count("commits", _tables.Commits);
    }

    private void Step(int choice)
    {
        _tell?.Invoke($"choice {choice}");
        switch (choice)
        {
            case < 35:
                Work();
                break;
            case < 60:
                Try(life => life.Receive(_random.Next(1, _kind.MostAtOnce + 1), TimeSpan.FromMilliseconds(_random.Next(_random.Next(6) == 0 ? 30 : 3))));
                break;
            case < 64 when !_life.HasMore:
                Try(life => life.BeSilent(TimeSpan.FromMilliseconds(_random.Next(1, _random.Next(4) == 0 ? 5_000 : 900))));
                break;
            case < 65 when Has(StreamTrouble.Stalls, "stall"):
                Try(life => life.BeSilent(TimeSpan.FromMilliseconds(_random.Next(20, 1_500))));
                break;
            case < 85:
                if (!_kind.IsSlow || choice == 84)
                    Try(life => life.Apply());
                break;
            case < 90:
                Pass(TimeSpan.FromMilliseconds(_random.Next(1, 2_000)));
                break;
            case < 93 when Has(StreamTrouble.Cuts, "cut"):
                _life.Cut();
                break;
            case < 95 when Has(StreamTrouble.Crashes, "crash"):
                _life = Begin();
                break;
            case < 96 when Has(StreamTrouble.TakeOvers, "take-over"):
                TakeOver();
                break;
            case < 97 when Has(StreamTrouble.VoidPositions, "position void"):
                _org.Bus.VoidPositions();
                _life.Cut();
                break;
            case < 98 when Has(StreamTrouble.Expiry, "events expired"):
                _org.Bus.ExpireAll();
                Forgettings.Add((_published.Count, _tables.Losses, _tables.IsPositionLost));
                _life.Cut();
                break;
        }
    }

    private bool Has(StreamTrouble trouble, string what)
    {
        if (!_has.HasFlag(trouble))
            return false;
        _tally.Count(what);
        _tell?.Invoke(what);
        return true;
    }

    private void Work()
    {
        _workload.Next();
        Witness();
    }

    private void Pass(TimeSpan time)
    {
        _time.Pass(time);
        _org.Bus.Settle();
        Witness();
    }

    private void Witness()
    {
        var seen = new List<Eventbus.V1.ConsumerEvent>();
        while (_org.Bus.Read(_topic, ref _witness, seen.Count + 1_000, int.MaxValue, seen) is not null)
        {
        }
        foreach (var one in seen)
        {
            var stored = new StoredEvent(0, new ReplayId(one.ReplayId.ToByteArray()), one.Event.Id, one.Event.SchemaId, one.Event.Payload.Memory, _time.GetUtcNow());
            _published.Add(new(IdentityOf(stored), HeaderOf(stored)));
        }
    }

    /// <summary>Which of the events that were published is stored here.</summary>
    public string IdentityOf(StoredEvent stored) => $"{stored.EventId}/{string.Join(',', HeaderOf(stored).RecordIds)}";

    private ChangeEventHeader HeaderOf(StoredEvent stored) => _schemas.Understand(stored).Header!;

    /// <summary>One step of the life; where a commit was lost with its connection, another begins from what is stored.</summary>
    private void Try(Action<StreamLife> step)
    {
        try
        {
            step(_life);
        }
        catch (CommitLostException)
        {
            _life = Begin();
        }
        if (_tables.IsHeard && HeardFrom == int.MaxValue)
            HeardFrom = _published.Count;
        Note($"published {_published.Count}, {_tables.Commits} commits, {_tables.Losses} losses, received {_tables.Received.Event}, applied {_tables.Applied}");
    }

    private StreamLife Begin() => new(_tables, _org, _topic, _schemas, () => _random.Next(3) < _kind.Skips, () => Skips.Add(_published.Count), _kind.BeginsEarliest);

    /// <summary>The one before goes on as if nothing were, and must not write any more.</summary>
    private void TakeOver()
    {
        var before = _life;
        _life = Begin();
        var (commits, applied, received) = (_tables.Commits, _tables.Applied, _tables.Received);
        for (var step = 0; step < 3; step++)
        {
            try
            {
                _ = before.Receive(5, TimeSpan.Zero);
                before.Apply();
            }
            catch (NotOwnerException)
            {
                _tally.Count("the one before was refused");
                break;
            }
        }
        if ((commits, applied, received) != (_tables.Commits, _tables.Applied, _tables.Received))
            throw new StreamWorldException(_kind, "two lives have written");
    }

    private (bool Unheard, bool Done) Lost()
    {
        if (_isOver || _random.Next(100) >= _kind.Strength)
            return (false, true);
        if (_random.Next(2) == 0 && Has(StreamTrouble.UnknownCommits, "commit unknown"))
            return (true, _random.Next(2) == 0);
        return Has(StreamTrouble.FailedCommits, "commit failed") ? (true, false) : (false, true);
    }

    private void Rest()
    {
        for (var round = 0; round < 1_000; round++)
        {
            var hasMore = true;
            while (hasMore)
                Try(life => hasMore = life.Receive(_kind.MostAtOnce, TimeSpan.Zero));
            hasMore = true;
            while (hasMore)
                Try(life => hasMore = life.Apply());
            if (_life.IsDone && !_tables.IsPositionLost)
                return;
        }
        throw new StreamWorldException(_kind, $"does not come to rest: received {_tables.Received.Event}, applied {_tables.Applied}");
    }

    private void Note(string what)
    {
        _trace.AppendData(Encoding.UTF8.GetBytes(what));
        _tell?.Invoke($"{what}; published as {string.Join(' ', _tables.Events.TakeLast(5).Select(e => _published.FindIndex(p => p.Identity == IdentityOf(e))))}");
    }
}

/// <summary>A stream world has failed; says how to live it again.</summary>
internal sealed class StreamWorldException(StreamWorldKind kind, string what) : Exception($"SYNC_STREAM_WORLD={kind}: {what}");
