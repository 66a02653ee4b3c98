using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>Calculated fields are worked out whenever somebody looks, as Salesforce does. Under the org's lock.</summary>
internal static class Formulas
{
    public static void Evaluate(SimulatedRecord record, DateTimeOffset now)
    {
        foreach (var leaf in record.Object.Leaves)
        {
            if (leaf.Field.Formula is { } formula) record.Values.Set(leaf.Index, formula(name => record.Object.Find(name) is { } other ? record.Values[other] : null, now));
        }
    }

    public static void Evaluate(IEnumerable<SimulatedObject> objects, RecordStore records, DateTimeOffset now)
    {
        foreach (var target in objects.Where(target => target.HasFormulas))
        {
            foreach (var record in records.Of(target)) Evaluate(record, now);
        }
    }
}
