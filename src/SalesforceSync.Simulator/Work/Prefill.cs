using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Work;

/// <summary>Plants existing records, evenly over the objects of the workload.</summary>
internal static class Prefill
{
    /// <returns>How many there are now.</returns>
    public static int Plant(SimulatedOrg org, PrefillOrder order)
    {
        var random = new Random(order.Seed);
        var state = new WorkloadState(org, random);
        var author = new RecordAuthor(org, state, random);
        var began = org.Time.GetUtcNow() - order.Oldest;
        var between = (order.Oldest - order.Newest).TotalMilliseconds;
        var planted = 0;
        // Accounts first: others refer to them.
        foreach (var name in order.Objects)
        {
            var wanted = (order.Records - planted) / (order.Objects.Count - order.Objects.TakeWhile(other => other != name).Count());
            for (var i = 0; i < wanted; i++)
            {
                var at = began.AddMilliseconds(Math.Floor(between * i / wanted));
                var person = name == "Account" && order.Objects.Contains("Contact") && random.Next(1000) < order.Persons && i + 1 < wanted;
                var id = org.Plant(name, author.NewRecord(name, person), at);
                if (person) planted += Contact(org, author, id, at);
                else if (random.Next(1000) < order.Deleted) org.PlantDeletion(id, at.AddHours(1));
                state.Created(name, id);
                planted++;
            }
        }
        org.Tally.Count(OrgAct.Prefilled, planted);
        return planted;
    }

    private static int Contact(SimulatedOrg org, RecordAuthor author, string account, DateTimeOffset at)
    {
        var values = author.NewRecord("Contact");
        foreach (var part in PersonParts.Of(org, account)) values[part.Key] = part.Value;
        values["IsPersonAccount"] = true;
        values["AccountId"] = account;
        org.PlantPartner(account, org.Plant("Contact", values, at));
        return 1;
    }
}
