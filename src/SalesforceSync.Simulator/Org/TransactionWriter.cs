using Eventbus.V1;
using Google.Protobuf;
using SalesforceSync.Simulator.Events;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// Applies a draft to the records and encodes its events, step by step, so that each event shows what was true at its step. Called under the org's lock.
/// </summary>
internal sealed class TransactionWriter(int seed, RecordStore records, Dictionary<SimulatedObject, int> announced)
{
    private static readonly string[] Origins =
        ["com/salesforce/api/soap/66.0;client=SfdcInternalAPI/", "com/salesforce/api/rest/66.0", "com/salesforce/api/bulkapi/66.0", "com/salesforce/api/apex/66.0", ""];

    private readonly Random _random = new(seed ^ 0x5EED);
    private readonly EventEncoder _encoder = new();
    private DateTimeOffset _moment;
    private long _commitNumber = 12_279_648_331_300;

    public WrittenTransaction Write(TransactionDraft draft, DateTimeOffset now)
    {
        _commitNumber += _random.Next(1, 50_000);
        _moment = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        var commit = new CommitUnderWay(
            Key(), Origins[_random.Next(Origins.Length)], SalesforceId.Make("005", _random.Next(1, 4)), _commitNumber, DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()));
        foreach (var step in draft.Steps) Write(step, commit);
        return new WrittenTransaction(commit.Key, commit.Entries, commit.Events, commit.Changes, commit.Records);
    }

    private void Write(TransactionStep step, CommitUnderWay commit)
    {
        switch (step)
        {
            case TransactionStep.Create create: Create(create, commit); break;
            case TransactionStep.Update update: Update(update, commit); break;
            case TransactionStep.Delete delete: Delete(delete, commit); break;
            case TransactionStep.Undelete undelete: Undelete(undelete, commit); break;
            case TransactionStep.Gap gap: Gap(gap, commit); break;
            case TransactionStep.Overflow overflow: Overflow(overflow, commit); break;
            case TransactionStep.SkipSequence skip: commit.Sequence += skip.Count; break;
            case TransactionStep.NextSecond: commit.At += TimeSpan.FromSeconds(1); break;
            default: throw new InvalidOperationException($"no way to write {step.GetType().Name}");
        }
    }

    private void Create(TransactionStep.Create step, CommitUnderWay commit)
    {
        var record = NewRecord(step.Object, step.Id, step.Values, commit);
        var header = commit.Next(step.Object.Name, [step.Id], ChangeType.Create);
        Publish(commit, step.Object, [record], _encoder.Full(step.Object.Schema, header, record.Values));
    }

    private void Update(TransactionStep.Update step, CommitUnderWay commit)
    {
        var touched = step.Ids.Select(id => Live(step.Object, id)).ToArray();
        var changed = RecordChange.Apply(step.Object, touched, step.Values, step.Stamped ? commit : null);
        var header = commit.Next(step.Object.Name, step.Ids, ChangeType.Update);
        Publish(commit, step.Object, touched, _encoder.Changes(step.Object.Schema, header, touched[0].Values, changed, step.WholeCompounds));
    }

    private void Delete(TransactionStep.Delete step, CommitUnderWay commit)
    {
        var touched = step.Ids.Select(id => Live(step.Object, id)).ToArray();
        foreach (var record in touched) record.Deleted = true;
        Publish(commit, step.Object, touched, _encoder.HeaderOnly(step.Object.Schema, commit.Next(step.Object.Name, step.Ids, ChangeType.Delete)));
    }

    private void Undelete(TransactionStep.Undelete step, CommitUnderWay commit)
    {
        var record = Known(step.Object, step.Id);
        if (!record.Deleted) throw new ArgumentException($"{step.Object.Name} {step.Id} is not deleted", nameof(step));
        record.Deleted = false;
        RecordChange.Stamp(record, commit);
        var header = commit.Next(step.Object.Name, [step.Id], ChangeType.Undelete);
        Publish(commit, step.Object, [record], _encoder.Full(step.Object.Schema, header, record.Values));
    }

    private void Gap(TransactionStep.Gap step, CommitUnderWay commit)
    {
        var record = step.ChangeType == ChangeType.GapCreate ? NewRecord(step.Object, step.Id, step.Values, commit) : Known(step.Object, step.Id);
        if (step.ChangeType == ChangeType.GapUpdate) RecordChange.Apply(step.Object, [record], step.Values, commit);
        if (step.ChangeType == ChangeType.GapDelete) record.Deleted = true;
        if (step.ChangeType == ChangeType.GapUndelete) record.Deleted = false;
        record.Dirty = true;
        var header = step.ForeignKey
            ? new ChangeHeader(step.Object.Name, [step.Id], step.ChangeType, "", Key(), _random.Next(1, 20), commit.Milliseconds, _commitNumber - 1, commit.User)
            : commit.Next(step.Object.Name, [step.Id], step.ChangeType);
        Publish(commit, step.Object, [record], _encoder.HeaderOnly(step.Object.Schema, header), header);
    }

    private void Overflow(TransactionStep.Overflow step, CommitUnderWay commit)
    {
        foreach (var record in records.Of(step.Object)) record.Dirty = true;
        var header = commit.Next(step.Object.Name, ["000000000000000AAA"], ChangeType.GapOverflow);
        Publish(commit, step.Object, [], _encoder.HeaderOnly(step.Object.Schema, header));
    }

    private SimulatedRecord NewRecord(SimulatedObject target, string id, IReadOnlyDictionary<string, object?> values, CommitUnderWay commit)
    {
        var record = new SimulatedRecord(target, id);
        records.Add(record);
        RecordChange.Start(record, commit);
        RecordChange.Apply(target, [record], values, commit);
        return record;
    }

    private SimulatedRecord Live(SimulatedObject target, string id)
        => Known(target, id) is { Deleted: false } record ? record : throw new ArgumentException($"{target.Name} {id} is deleted", nameof(id));

    private SimulatedRecord Known(SimulatedObject target, string id)
        => records.Find(id) is { } record && record.Object == target ? record : throw new ArgumentException($"no {target.Name} {id}", nameof(id));

    private void Publish(CommitUnderWay commit, SimulatedObject target, SimulatedRecord[] touched, byte[] payload, ChangeHeader? foreign = null)
    {
        announced[target] = target.Leaves.Count;
        foreach (var record in touched)
        {
            record.Stamp = _moment;
            record.TransactionKey = foreign?.TransactionKey ?? commit.Key;
            record.Sequence = foreign?.SequenceNumber ?? commit.Sequence;
        }
        if (foreign is null || foreign.TransactionKey == commit.Key) commit.Count(touched);
        commit.Entries.Add(new BusEntry(target, new ProducerEvent
        {
            Id = Key(),
            SchemaId = target.Schema.Id,
            Payload = UnsafeByteOperations.UnsafeWrap(payload)
        }));
    }

    private string Key()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes).ToString("D");
    }
}
