using System.Globalization;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Work;

/// <summary>
/// Keeps an org busy the way people, imports and automations do, at random but the same for the same seed. One caller at a time; nothing else may write to
/// the org meanwhile.
/// </summary>
internal sealed class Workload
{
    private static readonly FieldKind[] NewFieldKinds =
        [FieldKind.Text, FieldKind.Currency, FieldKind.DateOnly, FieldKind.Boolean, FieldKind.DateTime, FieldKind.Location, FieldKind.TimeOnly, FieldKind.MultiEnum];

    private readonly SimulatedOrg _org;
    private readonly WorkloadOptions _options;
    private readonly Random _random;
    private readonly WorkloadState _state;
    private readonly RecordAuthor _author;
    private readonly WorkloadTransactions _write;
    private readonly SortedDictionary<string, long> _tally = new(StringComparer.Ordinal);
    private readonly HardTransactions _hard;
    private readonly FieldDrift _drift;
    private readonly int[] _hardWeights;
    private readonly Action? _loseReplayIds;
    private int _fields;
    private long _done;

    /// <param name="loseReplayIds">Cuts the streams and makes their positions void.</param>
    public Workload(SimulatedOrg org, WorkloadOptions options, Action? loseReplayIds = null)
    {
        _org = org;
        _options = options;
        _random = new Random(options.Seed);
        _state = new WorkloadState(org, _random);
        _author = new RecordAuthor(org, _state, _random);
        _write = new WorkloadTransactions(_state, _author, _random, options);
        _hard = new HardTransactions(_state, _author, _write, new Letters(org, _state, _author, _random, options.Objects), _random, options.Objects);
        _drift = new FieldDrift(org, _random, options.Objects);
        _hardWeights = [.. options.Hard.ByKind()];
        _loseReplayIds = loseReplayIds;
    }

    /// <summary>How many transactions of each kind there were.</summary>
    public IReadOnlyDictionary<string, long> Tally => _tally;

    /// <summary>Commits the next transaction, or several that interleave.</summary>
    /// <returns>How many were committed.</returns>
    public int Next()
    {
        if (_options.LoseReplayIdAt > 0 && _done < _options.LoseReplayIdAt && _org.Transactions >= _options.LoseReplayIdAt) LoseReplayIds();
        _done = _org.Transactions;
        return AnyHardKind() is { } kind ? Commit(kind) : NextUsual();
    }

    /// <summary>Commits a transaction of the kind, or acts on fields.</summary>
    /// <returns>How many transactions were committed.</returns>
    public int Commit(HardKind kind)
    {
        if (kind >= HardKind.AddField)
        {
            if (_drift.Write(kind)) Count(kind.ToString());
            return 0;
        }
        _state.Release();
        var draft = _org.Begin();
        if (!_hard.Write(kind, draft)) return Commit(_write.Create);
        Count(kind.ToString());
        _org.Commit(draft);
        return 1;
    }

    // A workload without hard kinds draws nothing here, so that its seeds stay what they are.
    private HardKind? AnyHardKind()
    {
        if (_hardWeights.All(weight => weight == 0)) return null;
        var roll = _random.Next(1000);
        for (var i = 0; i < _hardWeights.Length; i++)
        {
            if ((roll -= _hardWeights[i]) < 0) return (HardKind)i;
        }
        return null;
    }

    private void LoseReplayIds()
    {
        _org.Tally.Count(OrgAct.LostReplayId);
        _loseReplayIds?.Invoke();
    }

    private int NextUsual()
    {
        var roll = _random.Next(1000);
        if (roll < 30 && _options.Interleaving) return Interleave();
        if (roll < 34 && _options.SchemaChanges && _fields < 12) AddField();
        return Commit(roll switch
        {
            < 300 => _write.Update,
            < 500 => _write.Create,
            < 570 => _write.Delete,
            < 610 => _write.Undelete,
            < 670 => _write.SameRecordTwice,
            < 710 => _write.ConvertLead,
            < 770 => _write.UpdateMany,
            < 785 => _write.DeleteMany,
            < 805 => _write.Geocode,
            < 815 => _write.TouchThenSet,
            < 845 => _write.CreatePerson,
            < 850 => _write.Import,
            < 856 when _options.Gaps => _write.GapInside,
            < 860 when _options.Gaps => _write.GapAlone,
            < 930 => _write.SeveralObjects,
            _ => _write.Update
        });
    }

    private int Commit(Func<TransactionDraft, bool> write)
    {
        _state.Release();
        var draft = _org.Begin();
        // What cannot be done yet, such as undeleting when nothing is deleted, is a creation instead.
        if (!write(draft))
        {
            write = _write.Create;
            write(draft);
        }
        Count(write.Method.Name);
        _org.Commit(draft);
        return 1;
    }

    private int Interleave()
    {
        _state.Release();
        var drafts = new TransactionDraft[_random.Next(2, 4)];
        for (var i = 0; i < drafts.Length; i++)
        {
            drafts[i] = _org.Begin();
            for (var steps = _random.Next(1, 5); steps > 0; steps--)
            {
                if (!_write.Update(drafts[i])) _write.Create(drafts[i]);
            }
        }
        Count(nameof(Interleave));
        _org.Commit(drafts);
        return drafts.Length;
    }

    private void AddField()
    {
        var target = _options.Objects[_random.Next(_options.Objects.Count)];
        var kind = NewFieldKinds[_fields % NewFieldKinds.Length];
        var name = string.Create(CultureInfo.InvariantCulture, $"Extra_{++_fields}__c");
        _org.AddField(target, new SimulatedField(name, kind)
        {
            FieldId = FieldList.FieldIdOf("X", _fields),
            Choices = kind == FieldKind.MultiEnum ? ["one", "two", "drei"] : []
        });
        Count(nameof(AddField));
    }

    private void Count(string kind) => _tally[kind] = _tally.GetValueOrDefault(kind) + 1;
}
