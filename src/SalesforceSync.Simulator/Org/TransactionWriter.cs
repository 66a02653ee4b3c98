using Google.Protobuf;
using Eventbus.V1;
using SalesforceSync.Simulator.Events;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// Applies a draft to the records and encodes its events, step by step, so that each event shows what was true at its step. Called under the org's lock.
/// </summary>
internal sealed class TransactionWriter(
    OrgOptions options, RecordStore records, AnnouncedFields announced, Access access, ChannelFilters filters, TimeProvider time, OrgTally tally)
{
    private const string OverflowId = "000000000000000AAA";

    private static readonly string[] Origins =
        ["com/salesforce/api/soap/66.0;client=SfdcInternalAPI/", "com/salesforce/api/rest/66.0", "com/salesforce/api/bulkapi/66.0", "com/salesforce/api/apex/66.0", ""];

    private readonly Random _random = new(options.Seed ^ 0x5EED);
    private readonly EventEncoder _encoder = new();
    private readonly bool _enriched = options.Enrichment.Count > 0;
    private long _commitNumber = 12_279_648_331_300;

    /// <param name="lost">Its events are never delivered.</param>
    public WrittenTransaction Write(TransactionDraft draft, DateTimeOffset now, bool lost)
    {
        _commitNumber += _random.Next(1, 50_000);
        var commit = new CommitUnderWay(Key(), Origins[_random.Next(Origins.Length)], SalesforceId.Make("005", _random.Next(1, 4)), _commitNumber, now) { Lost = lost, GapsStray = draft.GapsStray, GapsHurry = draft.GapsHurry };
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
            case TransactionStep.Shift shift: Shift(shift, commit); break;
            case TransactionStep.Silence silence: commit.Silent = silence.On; break;
            case TransactionStep.Unstamped unstamped: commit.Unstamped = unstamped.On; break;
            default: throw new InvalidOperationException($"no way to write {step.GetType().Name}");
        }
    }

    private void Create(TransactionStep.Create step, CommitUnderWay commit)
    {
        var record = NewRecord(step.Object, step.Id, step.Values, commit);
        var header = commit.Next(step.Object.Name, [step.Id], ChangeType.Create);
        Publish(commit, step.Object, [record], header, Full(record));
    }

    private void Update(TransactionStep.Update step, CommitUnderWay commit)
    {
        var touched = step.Ids.Select(id => Live(step.Object, id)).ToArray();
        var before = step.Diffs || options.TextDifferences ? LongTexts.Of(touched) : LongTexts.None;
        var changed = RecordChange.Apply(step.Object, touched, step.Values, step.Stamped ? commit : null);
        foreach (var record in touched) commit.Touch(record);
        var differences = before.DifferencesTo(changed);
        var hidden = access.Hidden(step.Object);
        // What the user may not see changed all the same.
        if (changed.Overlaps(hidden)) MarkDirty(touched);
        var header = commit.Next(step.Object.Name, step.Ids, ChangeType.Update);
        if (Publish(commit, step.Object, touched, header, EventBody.Changes(Kept(touched[0]), changed, differences, step.WholeCompounds, hidden)))
            tally.Count(OrgAct.TextDifference, differences.Count);
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
        if (step.MasterId is not null) tally.Count(OrgAct.MergeLoser, touched.Length);
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
        Publish(commit, step.Object, [record], header, Full(record));
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
        tally.Count(OrgAct.Purge, step.Ids.Count);
    }

    private void Shift(TransactionStep.Shift step, CommitUnderWay commit)
    {
        if (step.By < TimeSpan.Zero) tally.Count(OrgAct.LateStamp);
        commit.Shift(step.By);
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
        if (HeaderOnly(commit, step.Object, touched, header)) tally.Count(OrgAct.Gap);
    }

    private void Overflow(TransactionStep.Overflow step, CommitUnderWay commit)
    {
        MarkDirty(records.Of(step.Object));
        Overflow(step.Object, commit);
    }

    private void Overflow(SimulatedObject target, CommitUnderWay commit)
    {
        if (HeaderOnly(commit, target, [], commit.Next(target.Name, [OverflowId], ChangeType.GapOverflow))) tally.Count(OrgAct.Overflow);
    }

    private void Wildcard(TransactionStep.Wildcard step, CommitUnderWay commit)
    {
        if (HeaderOnly(commit, step.Object, [], commit.Next(step.Object.Name, [step.Object.KeyPrefix + "*"], ChangeType.Update))) tally.Count(OrgAct.Wildcard);
    }

    private void End(CommitUnderWay commit)
    {
        commit.EventsBeforeOverflow = int.MaxValue;
        commit.Silent = false;
        foreach (var target in commit.Overflowed) Overflow(target, commit);
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

    private EventBody Full(SimulatedRecord record)
    {
        if (record.Object.HasFormulas) Formulas.Evaluate(record, time.GetUtcNow());
        return EventBody.Full(Kept(record), access.Hidden(record.Object));
    }

    // An event that may be encoded again later must not see what becomes of the record.
    private RecordValues Kept(SimulatedRecord record) => _enriched ? record.Values.Copy() : record.Values;

    private bool HeaderOnly(CommitUnderWay commit, SimulatedObject target, SimulatedRecord[] touched, ChangeHeader header)
        => Publish(commit, target, touched, header, EventBody.Empty);

    /// <returns>False when the event is never delivered.</returns>
    private bool Publish(CommitUnderWay commit, SimulatedObject target, SimulatedRecord[] touched, ChangeHeader header, EventBody body)
    {
        if (commit.Unstamped) tally.Count(OrgAct.Unstamped, touched.Length);
        if (commit.Silent || commit.Lost || commit.Full)
        {
            var overflows = commit is { Silent: false, Lost: false };
            if (overflows) commit.Overflow(target);
            tally.Count(overflows ? OrgAct.OverflowedChange : OrgAct.SilentChange, touched.Length);
            MarkDirty(touched);
            return false;
        }
        announced.Note(target);
        // A gap event writes nothing: the last event that did stays the last.
        foreach (var record in touched.Where(_ => header.ChangeType < ChangeType.GapCreate))
        {
            record.TransactionKey = header.TransactionKey;
            record.Sequence = header.SequenceNumber;
            if (header.ChangeType == ChangeType.Delete) record.Deletes = [.. record.Deletes, new(header.TransactionKey, header.SequenceNumber)];
        }
        var keptFrom = filters.KeptFrom(target, touched);
        if (!access.MayRead(target) || keptFrom is { Count: > 0 }) MarkDirty(touched);
        if (header.TransactionKey == commit.Key) commit.Count(touched);
        commit.Entries.Insert(commit.GapsHurry && header.TransactionKey != commit.Key ? 0 : commit.Entries.Count, new BusEntry(target, new ProducerEvent
        {
            Id = Key(),
            SchemaId = target.Schema.Id,
            Payload = UnsafeByteOperations.UnsafeWrap(_encoder.Write(target.Schema, header, body))
        })
        {
            Strays = commit.GapsStray && header.TransactionKey != commit.Key,
            KeptFrom = keptFrom,
            Change = _enriched && header.ChangeType is ChangeType.Update or ChangeType.Delete && touched.Length > 0 ? new PublishedChange(target, target.Schema, header, body) : null
        });
        return true;
    }

    private static void MarkDirty(IEnumerable<SimulatedRecord> touched)
    {
        foreach (var record in touched) record.Dirty = true;
    }

    private string Key()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes).ToString("D");
    }
}
