using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Benchmarks.Micro;

/// <summary>Account events as a simulated org encodes them: a full CREATE and many UPDATEs of 35 to 40 fields and about 800 bytes.</summary>
internal sealed class AccountEvents
{
    private AccountEvents(string schemaId, string schemaJson, byte[] create, IReadOnlyList<byte[]> creates, IReadOnlyList<byte[]> updates) =>
        (SchemaId, SchemaJson, Create, Creates, Updates) = (schemaId, schemaJson, create, creates, updates);

    public string SchemaId { get; }

    public string SchemaJson { get; }

    /// <summary>An account with everything in it.</summary>
    public byte[] Create { get; }

    /// <summary>The creation of every account that <see cref="Updates"/> changes.</summary>
    public IReadOnlyList<byte[]> Creates { get; }

    public IReadOnlyList<byte[]> Updates { get; }

    public static AccountEvents Make(int updates)
    {
        var org = new SimulatedOrg(new OrgOptions { Seed = 1 }, TimeProvider.System);
        var prepared = new BenchWorkload(org, 1).Prepare(updates, CancellationToken.None).ConvertAll(commit => Payload(commit.Entries));
        var delivered = new List<Eventbus.V1.ConsumerEvent>();
        var place = default(BusPlace);
        org.Bus.Read(org.FindTopic(Topic.AllChanges)!, ref place, int.MaxValue, int.MaxValue, delivered);
        var random = new Random(1);
        var full = org.Begin();
        full.Create("Account", new RecordAuthor(org, new WorkloadState(org, random), random).NewRecord("Account"));
        var entries = org.Prepare([full]).Entries;
        var schemaId = entries[0].Event!.SchemaId;
        return new(schemaId, org.FindSchema(schemaId)!.Json, Payload(entries), [.. delivered.Select(e => e.Event.Payload.ToByteArray())], prepared);
    }

    private static byte[] Payload(List<BusEntry> entries) => entries.Single(entry => entry.Event is not null).Event!.Payload.ToByteArray();
}
