using SalesforceSync.Simulator.Comparison;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Tests.Protocol.Strangers;

/// <summary>
/// A short history of a simulated org with every kind of change, and for each change what its event has to say: read from the org's truth after the commit,
/// not from the event.
/// </summary>
internal sealed class SimulatedHistory
{
    private readonly SimulatedOrg _org;
    private readonly List<CommittedChange> _changes = [];
    private Truth _truth;

    /// <param name="nestedOnly">
    /// With a change of nothing but parts of a compound. salesforce-pubsub-api-client 5.5.2 loses those: it reads a first bitmap <c>5-0x…</c> neither as
    /// one of fields nor, when it is the only one, as one of parts.
    /// </param>
    public SimulatedHistory(SimulatedOrg org, bool nestedOnly)
    {
        _org = org;
        _truth = org.Truth();
        CommitAll(nestedOnly);
        Changes = Placed();
    }

    /// <summary>In the order of the stream.</summary>
    public IReadOnlyList<CommittedChange> Changes { get; }

    private void CommitAll(bool nestedOnly)
    {
        var (account, contact) = ("", "");
        Commit(t =>
        {
            account = t.Create("Account", Business());
            t.SkipSequence(2);
            contact = t.Create("Contact", new Dictionary<string, object?> { ["LastName"] = "Ωμέγα", ["FirstName"] = "Ada", ["MailingCity"] = "Zürich", ["Birthdate"] = new DateOnly(1815, 12, 10) });
        });
        // Fields and parts of a compound in one event.
        Commit(t => t.Update("Account", account, new Dictionary<string, object?>
        {
            ["Phone"] = "+49 30 1",
            ["AnnualRevenue"] = -0.1,
            ["BillingCity"] = "Köln",
            ["BillingPostalCode"] = "50667",
            ["Loc__Latitude__s"] = 50.94,
        }));
        Commit(t => t.Update("Account", account, new Dictionary<string, object?> { ["Website"] = null, ["Fax"] = "1", ["BillingStreet"] = null, ["NumberOfEmployees"] = null }));
        var place = new Dictionary<string, object?> { ["Loc__Latitude__s"] = -33.86, ["Loc__Longitude__s"] = 151.2, ["Site"] = "Sydney" };
        Commit(t => t.Update("Account", [account], place, wholeCompounds: true));
        Commit(t => t.Update("Account", [account], new Dictionary<string, object?> { ["Loc__Latitude__s"] = null, ["Loc__Longitude__s"] = null }, wholeCompounds: true));
        if (nestedOnly) Commit(t => t.Update("Account", [account], new Dictionary<string, object?> { ["BillingLatitude"] = 50.9, ["BillingLongitude"] = 6.9 }, stamped: false));

        // An account that is a person, and two accounts in one event.
        var person = "";
        Commit(t => person = t.Create("Account", new Dictionary<string, object?> { ["FirstName"] = "Grace", ["LastName"] = "Hopper" }));
        Commit(t => t.Update("Account", person, new Dictionary<string, object?> { ["LastName"] = "Murray", ["Salutation"] = "Dr." }));
        Commit(t => t.Update("Account", [account, person], new Dictionary<string, object?> { ["Rating"] = "Hot", ["IsPriority__c"] = true }));

        Commit(t => t.Delete("Contact", contact));
        Commit(t => t.Undelete("Contact", contact));
        Commit(t => t.GapUpdate("Contact", contact, new Dictionary<string, object?> { ["Email"] = "ada@example.com" }, foreignKey: false));
        NewField(account);
        var invoice = "";
        Commit(t => invoice = t.Create("Invoice__c", new Dictionary<string, object?> { ["Name"] = "INV-1", ["Total__c"] = 1e21, ["Cutoff__c"] = new TimeOnly(23, 59, 59, 999) }));
        Commit(t => t.Update("Invoice__c", invoice, new Dictionary<string, object?> { ["State__c"] = "Überfällig", ["Tags__c"] = "naïve;中文" }));
        Commit(t => t.Delete("Invoice__c", invoice));
        // More than the credit of one request.
        for (var i = 0; i < 220; i++)
        {
            var number = i;
            Commit(t => t.Update("Account", account, new Dictionary<string, object?> { ["Sic"] = $"{number}" }));
        }
    }

    /// <summary>A schema of its own for what follows; the positions behind the new field move.</summary>
    private void NewField(string account)
    {
        _org.AddField("Account", new SimulatedField("New__c", FieldKind.Currency) { FieldId = FieldList.FieldIdOf("X", 1) });
        Commit(t => t.Update("Account", account, new Dictionary<string, object?> { ["New__c"] = 0.30000000000000004, ["GUID__c"] = "behind it" }));
    }

    private static Dictionary<string, object?> Business() => new()
    {
        ["Name"] = "Größe & Söhne 日本 😀",
        ["Website"] = "https://example.com/?q=ü",
        ["NumberOfEmployees"] = -5,
        ["AnnualRevenue"] = 12345678.9,
        ["Description"] = new string('ß', 20_000),
        ["BillingStreet"] = "Straße 1\nHinterhaus",
        ["BillingCity"] = "Berlin",
        ["SLAExpirationDate__c"] = new DateOnly(1969, 12, 31),
        ["Last_Audit__c"] = new DateTimeOffset(2026, 2, 28, 23, 59, 59, 7, TimeSpan.Zero),
        ["Opens_At__c"] = new TimeOnly(8, 30),
        ["Loc__Latitude__s"] = 52.5,
        ["Loc__Longitude__s"] = 13.4,
        ["Channels__c"] = "Fax & Phone;Größe",
    };

    private void Commit(Action<TransactionDraft> write)
    {
        var draft = _org.Begin();
        write(draft);
        var before = _truth;
        var committed = _org.Commit(draft);
        _truth = _org.Truth();
        var sequence = 0;
        foreach (var step in draft.Steps)
        {
            if (step is TransactionStep.SkipSequence skipped) sequence += skipped.Count;
            else _changes.Add(Expected(step, before) with { Transaction = committed.Key, Sequence = ++sequence });
        }
    }

    private CommittedChange Expected(TransactionStep step, Truth before) => step switch
    {
        TransactionStep.Create create => new CommittedChange(create.Object.Name, "CREATE", [create.Id], Everything(create.Object, create.Id)),
        TransactionStep.Undelete undelete => new CommittedChange(undelete.Object.Name, "UNDELETE", [undelete.Id], Everything(undelete.Object, undelete.Id)),
        TransactionStep.Update update => new CommittedChange(
            update.Object.Name, "UPDATE", update.Ids, Changed(update, before).ToDictionary(name => name, name => _truth.Value(update.Ids[0], name))),
        TransactionStep.Delete delete => new CommittedChange(delete.Object.Name, "DELETE", delete.Ids, []),
        TransactionStep.Gap gap => new CommittedChange(gap.Object.Name, "GAP_UPDATE", gap.Ids, []),
        _ => throw new InvalidOperationException($"no event is known for {step.GetType().Name}"),
    };

    private Dictionary<string, object?> Everything(SimulatedObject target, string id)
    {
        // The truth knows the joined name of a person too; events have its parts.
        var person = target.HasPersonName && _truth.Value(id, "LastName") is not null;
        return _truth.Objects[target.Name].Select(field => field.Name).Where(name => !(person && name == "Name") && _truth.Value(id, name) is not null)
            .ToDictionary(name => name, name => _truth.Value(id, name));
    }

    private IEnumerable<string> Changed(TransactionStep.Update update, Truth before)
    {
        if (!update.Stamped) return update.Values.Keys;
        var otherUser = update.Ids.Any(id => !Equals(before.Value(id, "LastModifiedById"), _truth.Value(id, "LastModifiedById")));
        return [.. update.Values.Keys, "LastModifiedDate", .. otherUser ? (string[])["LastModifiedById"] : []];
    }

    private CommittedChange[] Placed()
    {
        var positions = _org.Bus.CommitsAfter(0, _org.FindTopic(Topic.AllChanges)!, int.MaxValue);
        positions.Count.ShouldBe(_changes.Count);
        return [.. _changes.Zip(positions, (change, commit) => change with { Position = commit.Position })];
    }
}

/// <summary>One change as the org committed it.</summary>
/// <param name="Values">By REST names. UPDATE: what changed, null where it was cleared. CREATE and UNDELETE: everything that is not null. Otherwise empty.</param>
internal sealed record CommittedChange(string Object, string Type, IReadOnlyList<string> Ids, Dictionary<string, object?> Values)
{
    public string Transaction { get; init; } = "";

    public int Sequence { get; init; }

    /// <summary>On the bus, which is what the replay id of <c>/data/ChangeEvents</c> spells.</summary>
    public long Position { get; init; }
}
