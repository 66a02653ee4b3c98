using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Work;

/// <summary>Writes the hard kinds of transaction into a draft, or returns false when the org has nothing yet to do it to.</summary>
internal sealed class HardTransactions(WorkloadState state, RecordAuthor author, WorkloadTransactions usual, Letters letters, Random random, IReadOnlyList<string> objects)
{
    private static readonly (string Object, string Field)[] Amounts = [("Account", "AnnualRevenue"), ("Opportunity", "Amount"), ("Invoice__c", "Total__c")];
    private static readonly string[] Mergeable = ["Account", "Contact", "Lead"];

    public bool Write(HardKind kind, TransactionDraft draft) => kind switch
    {
        HardKind.TextDifference => letters.Write(draft),
        HardKind.HardDelete => HardDelete(draft),
        HardKind.Merge => Merge(draft),
        HardKind.MergedGap => MergedGap(draft),
        HardKind.Overflow => Overflow(draft),
        HardKind.LostEvents => LostEvents(draft),
        HardKind.LateStamp => LateStamp(draft),
        HardKind.LateArrival => LateArrival(draft),
        HardKind.ExactNumber => ExactNumber(draft),
        _ => throw new InvalidOperationException($"{kind} is no transaction")
    };

    private bool HardDelete(TransactionDraft draft)
    {
        var name = AnyObject();
        var id = random.Next(2) == 0 ? state.TakeDeleted(name) : state.Live(name).Count < 5 ? null : state.TakeLive(name);
        if (id is null) return false;
        foreach (var (other, otherId) in usual.WithPartner(name, id))
        {
            draft.Purge(other, otherId);
            state.Forget(other, otherId);
        }
        return true;
    }

    private bool Merge(TransactionDraft draft)
    {
        var name = Mergeable[random.Next(Mergeable.Length)];
        if (!objects.Contains(name)) return false;
        var ids = usual.Businesses(name, random.Next(2, 4)).Where(id => !state.Converted.Contains(id)).ToArray();
        if (ids.Length < 2) return false;
        draft.Merge(name, ids[0], ids[1..], author.Change(name, ids[0], 3), tellChildren: random.Next(2) == 0);
        foreach (var loser in ids[1..]) state.Forget(name, loser);
        return true;
    }

    private bool MergedGap(TransactionDraft draft)
    {
        var name = AnyObject();
        var foreign = random.Next(2) == 0;
        var inside = random.Next(2) == 0 && usual.Update(draft);
        var ids = usual.Businesses(name, random.Next(1, 6));
        draft.GapsStray = foreign && random.Next(2) == 0;
        switch (random.Next(4))
        {
            case 0:
                foreach (var id in draft.GapCreate(name, random.Next(1, 4), author.NewRecord(name), foreign)) state.Created(name, id);
                break;
            case 1 when ids.Count > 0:
                draft.GapDelete(name, ids, foreign);
                foreach (var id in ids) state.Delete(name, id);
                break;
            case 2 when state.TakeDeleted(name) is { } deleted && !state.IsPerson(deleted):
                draft.GapUndelete(name, deleted, foreign);
                state.Undelete(name, deleted);
                break;
            default:
                if (ids.Count == 0) return false;
                draft.GapUpdate(name, ids, author.Change(name, ids[0], 4), foreign);
                break;
        }
        if (inside) usual.Update(draft);
        return true;
    }

    private bool Overflow(TransactionDraft draft)
    {
        draft.OverflowAfter(random.Next(2, 9));
        return Several(draft, random.Next(15, 50));
    }

    private bool LostEvents(TransactionDraft draft)
    {
        draft.Unpublished();
        if (random.Next(4) == 0) draft.Unstamped();
        if (!Several(draft, random.Next(1, 4))) return false;
        draft.Published().Stamped();
        if (random.Next(2) == 0) usual.Update(draft);
        return true;
    }

    private bool LateStamp(TransactionDraft draft)
    {
        draft.BegunEarlier(TimeSpan.FromSeconds(random.Next(30, 1500)));
        return Several(draft, random.Next(1, 6));
    }

    private bool LateArrival(TransactionDraft draft)
    {
        draft.Lag = TimeSpan.FromMilliseconds(random.Next(20, 400));
        return Several(draft, random.Next(1, 4));
    }

    private bool ExactNumber(TransactionDraft draft)
    {
        var (name, field) = Amounts[random.Next(Amounts.Length)];
        if (!objects.Contains(name) || state.TakeLive(name) is not { } id) return false;
        // 17 or 18 digits, two of them behind the point.
        var exact = (decimal)random.NextInt64(100_000_000_000_000_01, 999_999_999_999_999_999) / 100;
        draft.Update(name, id, new Dictionary<string, object?> { [field] = exact });
        return true;
    }

    private bool Several(TransactionDraft draft, int steps)
    {
        var written = false;
        for (; steps > 0; steps--)
        {
            Func<TransactionDraft, bool> step = random.Next(6) switch { 0 => usual.Create, 1 => usual.Delete, 2 => usual.Undelete, _ => usual.Update };
            written |= step(draft);
        }
        return written;
    }

    private string AnyObject() => objects[random.Next(objects.Count)];
}
