using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// A Salesforce org in memory: objects, records, and the bus its changes go to. Commits are atomic and in one order; all members may be called from any thread.
/// </summary>
internal sealed class SimulatedOrg
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SimulatedObject> _objects;
    private readonly Dictionary<string, EventSchema> _schemas;
    private readonly Dictionary<string, Topic> _topics;
    private readonly OrgClock _clock;
    private readonly RecordStore _records = new();
    private readonly AnnouncedFields _announced = new();
    private readonly TransactionWriter _writer;
    private readonly List<WrittenTransaction> _journal = [];
    private long _lastId;
    private long _transactions;

    public SimulatedOrg(OrgOptions options, TimeProvider time)
    {
        Options = options;
        _clock = new OrgClock(time);
        Bus = new EventBus(options.Seed, _clock);
        Access = new Access(_clock, Tally);
        SimulatedObject[] objects = [.. OrgSchema.NewOrg().Where(o => options.Objects.Count == 0 || options.Objects.Contains(o.Name))];
        _objects = objects.ToDictionary(o => o.Name, StringComparer.Ordinal);
        _schemas = objects.ToDictionary(o => o.Schema.Id, o => o.Schema, StringComparer.Ordinal);
        _topics = OrgTopics.Of(this, objects).ToDictionary(topic => topic.Name, StringComparer.Ordinal);
        _writer = new TransactionWriter(options, _records, _announced, Access, Filters, _clock, Tally);
        Setup = new OrgSetup(this, _lock, _records, _schemas);
    }

    public OrgOptions Options { get; }

    /// <summary>The org's own time, which <see cref="Advance"/> puts forward.</summary>
    public TimeProvider Time => _clock;

    /// <summary>How far the org's time is ahead of the machine's.</summary>
    public TimeSpan Ahead => _clock.Ahead;

    public EventBus Bus { get; }

    /// <summary>What the integration user may see.</summary>
    public Access Access { get; }

    /// <summary>What does not go onto which channel.</summary>
    public ChannelFilters Filters { get; } = new();

    /// <summary>What an administrator does to fields.</summary>
    public OrgSetup Setup { get; }

    /// <summary>What happened how often.</summary>
    public OrgTally Tally { get; } = new();

    /// <summary>Asked at every commit for what is to go wrong with it.</summary>
    public Func<CommitMishap>? Mishap { get; set; }

    public IReadOnlyCollection<SimulatedObject> Objects => _objects.Values;

    public long Transactions
    {
        get { lock (_lock) return _transactions; }
    }

    /// <exception cref="ArgumentException">The org has no such object.</exception>
    public SimulatedObject this[string name] => _objects.TryGetValue(name, out var found) ? found : throw new ArgumentException($"no object {name}", nameof(name));

    public SimulatedObject? FindObject(string name) => _objects.GetValueOrDefault(name);

    public Topic? FindTopic(string name) => _topics.GetValueOrDefault(name);

    /// <summary>Any schema an object ever had.</summary>
    public EventSchema? FindSchema(string id)
    {
        lock (_lock) return _schemas.GetValueOrDefault(id);
    }

    /// <summary>A field appears, and with it a new event schema for the object; events so far keep theirs.</summary>
    public EventSchema AddField(string objectName, SimulatedField field) => Setup.AddField(objectName, field);

    /// <summary>Selects an object for a channel, or deselects it: what happens from now on goes to it, or does not. The channel of all changes takes the object's own topic along.</summary>
    /// <exception cref="ArgumentException">There is no such object or topic.</exception>
    public void Select(string objectName, bool selected, string topic = Topic.AllChanges)
    {
        lock (_lock)
        {
            var target = this[objectName];
            var found = FindTopic(topic) ?? throw new ArgumentException($"no topic {topic}", nameof(topic));
            var after = Bus.Newest;
            found.Select(target, selected, after);
            if (topic == Topic.AllChanges) FindTopic(target.Topic)!.Select(target, selected, after);
            Tally.Count(OrgAct.Selection);
        }
    }

    /// <summary>Time passes for the org and its bus, and for nobody else: events grow old, what was late arrives.</summary>
    public void Advance(TimeSpan by)
    {
        _clock.Advance(by);
        Bus.Settle();
    }

    /// <summary>The commit numbers that follow are lower than those so far.</summary>
    public void FallBackCommitNumbers()
    {
        lock (_lock) _writer.FallBack();
        Tally.Count(OrgAct.CommitNumberFallBack);
    }

    public TransactionDraft Begin() => new(this);

    public CommittedTransaction Commit(TransactionDraft draft) => Commit([draft])[0];

    public CommittedTransaction Commit(Action<TransactionDraft> write)
    {
        var draft = Begin();
        write(draft);
        return Commit(draft);
    }

    /// <summary>
    /// Commits one or several transactions; the events of several alternate on the bus, each in its own order.
    /// </summary>
    /// <exception cref="ArgumentException">Two of them touch one record, which no database would let happen, or a step names a record that is not there.</exception>
    public IReadOnlyList<CommittedTransaction> Commit(IReadOnlyList<TransactionDraft> drafts)
    {
        lock (_lock)
        {
            var prepared = Prepare(drafts);
            Bus.Append(prepared.Entries, prepared.Lag);
            _journal.AddRange(prepared.Transactions);
            return [.. prepared.Transactions.Select(transaction => transaction.Committed())];
        }
    }

    /// <summary>As <see cref="Commit(IReadOnlyList{TransactionDraft})"/>, but the events are kept back for <see cref="Release"/>: encoding then costs nothing later.</summary>
    public PreparedCommit Prepare(IReadOnlyList<TransactionDraft> drafts)
    {
        lock (_lock)
        {
            Interleaving.RefuseSharedRecords(drafts);
            var now = Time.GetUtcNow();
            var mishap = Mishap?.Invoke() ?? default;
            var lag = drafts.Select(draft => draft.Lag).Append(mishap.Lag).Max();
            var written = drafts.Select(draft => _writer.Write(draft, now, mishap.EventsLost)).ToArray();
            _transactions += drafts.Count;
            if (lag > TimeSpan.Zero) Tally.Count(OrgAct.LateArrival);
            return new PreparedCommit(written) { Lag = lag };
        }
    }

    /// <summary>Puts prepared events on the bus, in the order given.</summary>
    public void Release(IEnumerable<PreparedCommit> commits) => Bus.Append([.. commits.SelectMany(commit => commit.Entries)]);

    /// <summary>What was committed, in order; what was prepared and released is not in it.</summary>
    public IReadOnlyList<CommittedTransaction> Journal(int skip, int max)
    {
        lock (_lock) return [.. _journal.Skip(skip).Take(max).Select(transaction => transaction.Committed())];
    }

    /// <summary>Reads records between two commits: <paramref name="read"/> runs under the org's lock and takes copies of what it needs.</summary>
    public T Read<T>(Func<RecordStore, T> read)
    {
        lock (_lock)
        {
            Formulas.Evaluate(_objects.Values, _records, _clock.GetUtcNow());
            return read(_records);
        }
    }

    /// <summary>Everything the org knows at this moment, between two commits.</summary>
    public Truth Truth()
    {
        lock (_lock)
        {
            Formulas.Evaluate(_objects.Values, _records, _clock.GetUtcNow());
            var fields = _objects.Values.ToDictionary(o => o, o => new TruthFields(o, _announced, Access));
            var records = _records.All.Select(record => fields[record.Object].Copy(record)).ToList();
            return new Truth(_transactions, Bus.EventCount, fields.ToDictionary(pair => pair.Key.Name, pair => pair.Value.Fields, StringComparer.Ordinal), records);
        }
    }

    /// <summary>Live records that refer to one of those given, by the field they do it with.</summary>
    internal IReadOnlyList<(string Object, string Field, IReadOnlyList<string> Ids)> Children(IReadOnlyList<string> parents)
    {
        var wanted = parents.ToHashSet(StringComparer.Ordinal);
        lock (_lock)
        {
            return
            [
                .. from target in _objects.Values
                   from leaf in target.Leaves
                   where leaf.Field.Kind == FieldKind.EntityId && leaf.Field.Writable
                   let ids = _records.Live(target).Where(record => record.Values[leaf] is string id && wanted.Contains(id)).Select(record => record.Id).ToArray()
                   where ids.Length > 0
                   select (target.Name, leaf.RestName, (IReadOnlyList<string>)ids)
            ];
        }
    }

    /// <summary>A record that came into being long ago; only reading the org tells of it.</summary>
    /// <returns>Its id.</returns>
    internal string Plant(string objectName, IReadOnlyDictionary<string, object?> values, DateTimeOffset at)
    {
        lock (_lock)
        {
            var target = this[objectName];
            var record = new SimulatedRecord(target, NextId(target)) { Planted = true, Dirty = true };
            var past = new CommitUnderWay("", "", SalesforceId.Make("005", 1), 0, at);
            RecordChange.Start(record, past);
            RecordChange.Apply(target, [record], values, past);
            past.Touch(record);
            _records.Add(record);
            return record.Id;
        }
    }

    /// <summary>A planted record went into the recycle bin.</summary>
    internal void PlantDeletion(string id, DateTimeOffset at)
    {
        lock (_lock)
        {
            var record = _records.Find(id)!;
            (record.Deleted, record.Stamp) = (true, at);
        }
    }

    /// <summary>A planted account is a person's, with this contact.</summary>
    internal void PlantPartner(string account, string contact)
    {
        lock (_lock)
        {
            var record = _records.Find(account)!;
            record.Values.Set(record.Object["PersonContactId"].Index, contact);
        }
    }

    internal string NextId(SimulatedObject target) => SalesforceId.Make(target.KeyPrefix, Interlocked.Increment(ref _lastId));
}
