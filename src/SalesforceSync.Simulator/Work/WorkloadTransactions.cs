using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Work;

/// <summary>The kinds of transaction. Each writes itself into a draft, or returns false when the org has nothing yet to do it to.</summary>
internal sealed class WorkloadTransactions(WorkloadState state, RecordAuthor author, Random random, WorkloadOptions options)
{
    public static readonly IReadOnlyList<string> ObjectNames = ["Account", "Contact", "Lead", "Opportunity", "Invoice__c"];

    public bool Create(TransactionDraft draft)
    {
        var name = AnyObject();
        if (state.Live(name).Count >= options.MaxRecordsPerObject) return Update(draft);
        NewRecord(draft, name, author.NewRecord(name));
        return true;
    }

    public bool Update(TransactionDraft draft)
    {
        var name = AnyObject();
        if (state.TakeLive(name) is not { } id) return false;
        if (random.Next(10) == 0) draft.SkipSequence(random.Next(1, 4));
        draft.Update(name, [id], author.Change(name, id, AtMost()), wholeCompounds: random.Next(10) == 0);
        return true;
    }

    public bool Delete(TransactionDraft draft)
    {
        var name = AnyObject();
        if (state.Live(name).Count < 5 || state.TakeLive(name) is not { } id) return false;
        Delete(draft, name, id);
        return true;
    }

    public bool Undelete(TransactionDraft draft)
    {
        var name = AnyObject();
        if (state.TakeDeleted(name) is not { } id) return false;
        Undelete(draft, name, id);
        return true;
    }

    /// <summary>Two or three events of one record in one transaction.</summary>
    public bool SameRecordTwice(TransactionDraft draft)
    {
        var name = AnyObject();
        if (state.TakeLive(name) is not { } id || state.IsPerson(id)) return false;
        switch (random.Next(4))
        {
            case 0:
                draft.Delete(name, id).Undelete(name, id);
                break;
            case 1:
                draft.Update(name, id, author.Change(name, id, 3));
                Delete(draft, name, id);
                break;
            case 2:
                var created = NewRecord(draft, name, author.NewRecord(name));
                draft.Update(name, created, author.Change(name, created, 5)).Update(name, id, author.Change(name, id, 2));
                break;
            default:
                draft.Update(name, id, author.Change(name, id, 5)).SkipSequence(1).Update(name, id, author.Change(name, id, 5));
                break;
        }
        return true;
    }

    /// <summary>Account, contact and perhaps opportunity come into being, and a second later the lead says so.</summary>
    public bool ConvertLead(TransactionDraft draft)
    {
        if (!Has("Lead", "Account", "Contact", "Opportunity") || state.TakeLive("Lead") is not { } lead || !state.Converted.Add(lead)) return false;
        var account = NewRecord(draft, "Account", author.NewRecord("Account"));
        var contact = NewRecord(draft, "Contact", author.NewRecord("Contact"), ("AccountId", account));
        var opportunity = random.Next(3) == 0 ? null : NewRecord(draft, "Opportunity", author.NewRecord("Opportunity"), ("AccountId", account));
        draft.NextSecond().Update("Lead", lead, new Dictionary<string, object?>
        {
            ["Status"] = "Closed - Converted",
            ["IsConverted"] = true,
            ["ConvertedDate"] = new DateOnly(2026, 11, 20),
            ["ConvertedAccountId"] = account,
            ["ConvertedContactId"] = contact,
            ["ConvertedOpportunityId"] = opportunity
        });
        return true;
    }

    /// <summary>The same change of many records: one event.</summary>
    public bool UpdateMany(TransactionDraft draft)
    {
        var name = AnyObject();
        var ids = Businesses(name, random.Next(2, 40));
        if (ids.Count < 2) return false;
        draft.Update(name, ids, author.Change(name, ids[0], 3));
        return true;
    }

    public bool DeleteMany(TransactionDraft draft)
    {
        var name = AnyObject();
        if (state.Live(name).Count < 30) return false;
        var ids = Businesses(name, random.Next(2, 10));
        if (ids.Count < 2) return false;
        draft.Delete(name, ids);
        foreach (var id in ids) state.Delete(name, id);
        return true;
    }

    /// <summary>A background job sets coordinates and leaves no modification date.</summary>
    public bool Geocode(TransactionDraft draft)
    {
        if (!Has("Account") || state.TakeLive("Account") is not { } id) return false;
        var side = random.Next(2) == 0 ? "Billing" : "Shipping";
        draft.Update("Account", [id], new Dictionary<string, object?>
        {
            [side + "Latitude"] = author.Value("Account", side + "Latitude"),
            [side + "Longitude"] = author.Value("Account", side + "Longitude")
        }, stamped: false);
        return true;
    }

    /// <summary>As seen in a captured mass update: all records once for the date alone, and once for a field without the date.</summary>
    public bool TouchThenSet(TransactionDraft draft)
    {
        if (!Has("Account")) return false;
        var ids = Businesses("Account", random.Next(2, 21));
        if (ids.Count < 2) return false;
        draft.Update("Account", ids, new Dictionary<string, object?>());
        draft.Update("Account", ids, new Dictionary<string, object?> { ["GUID__c"] = author.Value("Account", "GUID__c") }, stamped: false);
        return true;
    }

    /// <summary>A person account is an account and a contact that share a name.</summary>
    public bool CreatePerson(TransactionDraft draft)
    {
        if (!Has("Account", "Contact")) return false;
        var person = author.NewRecord("Account", person: true);
        var account = NewRecord(draft, "Account", person);
        var contact = author.NewRecord("Contact");
        foreach (var part in PersonParts.Names) contact[part] = person.GetValueOrDefault(part);
        contact["IsPersonAccount"] = true;
        var contactId = NewRecord(draft, "Contact", contact, ("AccountId", account));
        draft.Update("Account", account, new Dictionary<string, object?> { ["PersonContactId"] = contactId });
        state.PersonContacts.Add(account, contactId);
        state.PersonAccounts.Add(contactId, account);
        return true;
    }

    /// <summary>Hundreds of records at once.</summary>
    public bool Import(TransactionDraft draft)
    {
        for (var left = random.Next(100, 300); left > 0; left--)
        {
            if (random.Next(2) == 0 || !Create(draft)) Update(draft);
        }
        return true;
    }

    /// <summary>A gap event of the database tier, with a key of its own, in the middle of a transaction.</summary>
    public bool GapInside(TransactionDraft draft)
    {
        if (!Update(draft)) return false;
        Gap(draft, foreignKey: true);
        Update(draft);
        Update(draft);
        return true;
    }

    /// <summary>A gap event with the key of its transaction, as for an event that was too large.</summary>
    public bool GapAlone(TransactionDraft draft)
    {
        Gap(draft, foreignKey: false);
        return true;
    }

    public bool SeveralObjects(TransactionDraft draft)
    {
        for (var left = random.Next(2, 12); left > 0; left--)
        {
            Func<TransactionDraft, bool> step = random.Next(8) switch { 0 => Create, 1 => Delete, 2 => Undelete, _ => Update };
            if (!step(draft)) Create(draft);
        }
        return true;
    }

    private void Gap(TransactionDraft draft, bool foreignKey)
    {
        var name = AnyObject();
        var id = state.TakeLive(name);
        if (id is null || random.Next(4) == 0)
        {
            draft.GapCreate(name, author.NewRecord(name), foreignKey);
        }
        else if (random.Next(4) == 0 && !state.IsPerson(id))
        {
            draft.GapDelete(name, id, foreignKey);
            state.Forget(name, id);
        }
        else
        {
            draft.GapUpdate(name, id, author.Change(name, id, 4), foreignKey);
        }
    }

    private string NewRecord(TransactionDraft draft, string name, Dictionary<string, object?> values, params (string Field, object? Value)[] fixedValues)
    {
        foreach (var (field, value) in fixedValues) values[field] = value;
        var id = draft.Create(name, values);
        state.Created(name, id);
        return id;
    }

    // A person account and its contact go and come back together.
    private void Delete(TransactionDraft draft, string name, string id)
    {
        foreach (var (other, otherId) in WithPartner(name, id))
        {
            draft.Delete(other, otherId);
            state.Delete(other, otherId);
        }
    }

    private void Undelete(TransactionDraft draft, string name, string id)
    {
        foreach (var (other, otherId) in WithPartner(name, id))
        {
            draft.Undelete(other, otherId);
            state.Undelete(other, otherId);
        }
    }

    /// <summary>A record, and what goes and comes back with it.</summary>
    public IEnumerable<(string Name, string Id)> WithPartner(string name, string id)
    {
        yield return (name, id);
        if (state.PersonContacts.TryGetValue(id, out var contact)) yield return ("Contact", contact);
        if (state.PersonAccounts.TryGetValue(id, out var account)) yield return ("Account", account);
    }

    /// <summary>Different live records that are no person's: one event carries one change, and a person's name is another change than a business's.</summary>
    public List<string> Businesses(string name, int count) => [.. state.TakeLive(name, count).Where(id => !state.IsPerson(id))];

    private int AtMost() => random.Next(10) switch { 0 => 30, < 4 => 8, _ => 3 };

    private bool Has(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!options.Objects.Contains(name)) return false;
        }
        return true;
    }

    private string AnyObject()
    {
        if (options.Objects.Count < ObjectNames.Count) return options.Objects[random.Next(options.Objects.Count)];
        return random.Next(20) switch { < 6 => "Account", < 11 => "Contact", < 14 => "Lead", < 17 => "Opportunity", _ => "Invoice__c" };
    }
}
