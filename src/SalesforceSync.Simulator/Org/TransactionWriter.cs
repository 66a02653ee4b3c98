using Google.Protobuf;
using Eventbus.V1;
using SalesforceSync.Simulator.Events;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// Applies a draft to the records and encodes its events, step by step, so that each event shows what was true at its step. Called under the org's lock.
/// </summary>
internal sealed class TransactionWriter(int seed, RecordStore records, AnnouncedFields announced)
{
    private const string OverflowId = "000000000000000AAA";

    private static readonly string[] Origins =
        ["com/salesforce/api/soap/66.0;client=SfdcInternalAPI/", "com/salesforce/api/rest/66.0", "com/salesforce/api/bulkapi/66.0", "com/salesforce/api/apex/66.0", ""];

    private readonly Random _random = new(seed ^ 0x5EED);
    private readonly EventEncoder _encoder = new();
    private long _commitNumber = 12_279_648_331_300;

    public WrittenTransaction Write(TransactionDraft draft, DateTimeOffset now)
    {
        _commitNumber += _random.Next(1, 50_000);
        var commit = new CommitUnderWay(Key(), Origins[_random.Next(Origins.Length)], SalesforceId.Make("005", _random.Next(1, 4)), _commitNumber, now);
        foreach (var step in draft.Steps) Write(step, commit);
        End(commit);
        return new WrittenTransaction(commit.Key, commit.Entries, commit.Events, commit.Changes, commit.Records);
    }

    /// <summary>The next commit numbers are lower than those so far, as after a migration of the org's database.</summary>
    public void FallBack() => _commitNumber -= 1_000_000_000_000;

    private void Write(TransactionStep step, CommitUnderWay commit)
    {
        switch (step)
        {
            case TransactionStep.Create create: Create(create, commit); break;
            case TransactionStep.Update update: Update(update, commit); break;
            case TransactionStep.Delete delete: Delete(delete, commit); break;
            case TransactionStep.Undelete undelete: Undelete(undelete, commit); break;
            case TransactionStep.Purge purge: Purge(purge, commit); break;
            case TransactionStep.Gap gap: Gap(gap, commit); break;
            case TransactionStep.Overflow overflow: Overflow(overflow, commit); break;
            case TransactionStep.Wildcard wildcard: Wildcard(wildcard, commit); break;
            case TransactionStep.OverflowAfter limit: commit.EventsBeforeOverflow = commit.Events + limit.Events; break;
            case TransactionStep.SkipSequence skip: commit.Sequence += skip.Count; break;
            case TransactionStep.Shift shift: commit.Shift(shift.By); break;
            case TransactionStep.Silence silence: commit.Silent = silence.On; break;
            case TransactionStep.Unstamped unstamped: commit.Unstamped = unstamped.On; break;
            default: throw new InvalidOperationException($"no way to write {step.GetType().Name}");
        }
    }

    private void Create(TransactionStep.Create step, CommitUnderWay commit)
    {
        var record = NewRecord(step.Object, step.Id, step.Values, commit);
        var header = commit.Next(step.Object.Name, [step.Id], ChangeType.Create);
        Publish(commit, step.Object, [record], header, () => _encoder.Full(step.Object.Schema, header, record.Values));
    }

    private void Update(TransactionStep.Update step, CommitUnderWay commit)
    {
        var touched = step.Ids.Select(id => Live(step.Object, id)).ToArray();
        var changed = RecordChange.Apply(step.Object, touched, step.Values, step.Stamped ? commit : null);
        foreach (var record in touched) commit.Touch(record);
        var header = commit.Next(step.Object.Name, step.Ids, ChangeType.Update);
        Publish(commit, step.Object, touched, header, () => _encoder.Changes(step.Object.Schema, header, touched[0].Values, changed, step.WholeCompounds));
    }

    private void Delete(TransactionStep.Delete step, CommitUnderWay commit)
    {
        var touched = step.Ids.Select(id => Live(step.Object, id)).ToArray();
        foreach (var record in touched)
        {
            record.Deleted = true;
            record.MasterRecordId = step.MasterId;
            commit.Touch(record);
        }
        HeaderOnly(commit, step.Object, touched, commit.Next(step.Object.Name, step.Ids, ChangeType.Delete));
    }

    private void Undelete(TransactionStep.Undelete step, CommitUnderWay commit)
    {
        var record = Known(step.Object, step.Id);
        if (!record.Deleted) throw new ArgumentException($"{step.Object.Name} {step.Id} is not deleted", nameof(step));
        record.Deleted = false;
        record.MasterRecordId = null;
        RecordChange.Stamp(record, commit);
        commit.Touch(record);
        var header = commit.Next(step.Object.Name, [step.Id], ChangeType.Undelete);
        Publish(commit, step.Object, [record], header, () => _encoder.Full(step.Object.Schema, header, record.Values));
    }

    private void Purge(TransactionStep.Purge step, CommitUnderWay commit)
    {
        foreach (var record in step.Ids.Select(id => Known(step.Object, id)))
        {
            // A record that was in the recycle bin leaves the replica right as it is.
            record.Dirty |= !record.Deleted;
            (record.Deleted, record.Purged) = (true, true);
            commit.Touch(record);
        }
    }

    private void Gap(TransactionStep.Gap step, CommitUnderWay commit)
    {
        var touched = step.Ids.Select(id => step.ChangeType == ChangeType.GapCreate ? NewRecord(step.Object, id, step.Values, commit) : Known(step.Object, id)).ToArray();
        if (step.ChangeType == ChangeType.GapUpdate) RecordChange.Apply(step.Object, touched, step.Values, commit);
        foreach (var record in touched)
        {
            if (step.ChangeType == ChangeType.GapDelete) record.Deleted = true;
            if (step.ChangeType == ChangeType.GapUndelete) record.Deleted = false;
            record.Dirty = true;
            commit.Touch(record);
        }
        var header = step.ForeignKey
            ? new ChangeHeader(step.Object.Name, step.Ids, step.ChangeType, "", Key(), _random.Next(1, 20), commit.Milliseconds, _commitNumber - 1, commit.User)
            : commit.Next(step.Object.Name, step.Ids, step.ChangeType);
        HeaderOnly(commit, step.Object, touched, header);
    }

    private void Overflow(TransactionStep.Overflow step, CommitUnderWay commit)
    {
        foreach (var record in records.Of(step.Object)) record.Dirty = true;
        HeaderOnly(commit, step.Object, [], commit.Next(step.Object.Name, [OverflowId], ChangeType.GapOverflow));
    }

    private void Wildcard(TransactionStep.Wildcard step, CommitUnderWay commit)
        => HeaderOnly(commit, step.Object, [], commit.Next(step.Object.Name, [step.Object.KeyPrefix + "*"], ChangeType.Update));

    private void End(CommitUnderWay commit)
    {
        commit.EventsBeforeOverflow = int.MaxValue;
        commit.Silent = false;
        foreach (var target in commit.Overflowed) HeaderOnly(commit, target, [], commit.Next(target.Name, [OverflowId], ChangeType.GapOverflow));
    }

    private SimulatedRecord NewRecord(SimulatedObject target, string id, IReadOnlyDictionary<string, object?> values, CommitUnderWay commit)
    {
        var record = new SimulatedRecord(target, id);
        records.Add(record);
        RecordChange.Start(record, commit);
        RecordChange.Apply(target, [record], values, commit);
        commit.Touch(record);
        return record;
    }

    private SimulatedRecord Live(SimulatedObject target, string id)
        => Known(target, id) is { Deleted: false } record ? record : throw new ArgumentException($"{target.Name} {id} is deleted", nameof(id));

    private SimulatedRecord Known(SimulatedObject target, string id)
        => records.Find(id) is { } record && record.Object == target ? record : throw new ArgumentException($"no {target.Name} {id}", nameof(id));

    private void HeaderOnly(CommitUnderWay commit, SimulatedObject target, SimulatedRecord[] touched, ChangeHeader header)
        => Publish(commit, target, touched, header, () => _encoder.HeaderOnly(target.Schema, header));

    private void Publish(CommitUnderWay commit, SimulatedObject target, SimulatedRecord[] touched, ChangeHeader header, Func<byte[]> payload)
    {
        if (commit.Silent || commit.Full)
        {
            if (commit.Full && !commit.Silent) commit.Overflow(target);
            foreach (var record in touched) record.Dirty = true;
            return;
        }
        announced.Note(target);
        foreach (var record in touched)
        {
            record.TransactionKey = header.TransactionKey;
            record.Sequence = header.SequenceNumber;
        }
        if (header.TransactionKey == commit.Key) commit.Count(touched);
        commit.Entries.Add(new BusEntry(target, new ProducerEvent
        {
            Id = Key(),
            SchemaId = target.Schema.Id,
            Payload = UnsafeByteOperations.UnsafeWrap(payload())
        }));
    }

    private string Key()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes).ToString("D");
    }
}
