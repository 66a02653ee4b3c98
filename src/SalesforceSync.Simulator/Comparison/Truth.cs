using System.Security.Cryptography;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Comparison;

/// <summary>A field as REST and Bulk name it.</summary>
public sealed record TruthField(string Name, ValueKind Kind)
{
    /// <summary>Events have told of it: a replica must have it.</summary>
    public bool Announced { get; init; } = true;

    /// <summary>The integration user may see it now.</summary>
    public bool Visible { get; init; } = true;

    /// <summary>Calculated: its value changes without an event.</summary>
    public bool Formula { get; init; }
}

/// <summary>One record as the org has it.</summary>
/// <param name="Deleted">In the recycle bin; its values stay.</param>
/// <param name="Dirty">A gap event stood for one of its changes, so that the stream alone cannot tell what it is.</param>
/// <param name="TransactionKey">The transaction of its last event.</param>
/// <param name="Sequence">The sequence number of its last event.</param>
/// <param name="Values">In the order of its object's fields: string, bool, int, double, decimal (what a double cannot carry), DateTimeOffset, DateOnly, TimeOnly or null.</param>
public sealed record TruthRecord(string ObjectName, string Id, bool Deleted, bool Dirty, string? TransactionKey, int Sequence, IReadOnlyList<object?> Values)
{
    /// <summary>Hard deleted, or purged from the recycle bin: no read finds it, and no event told.</summary>
    public bool Purged { get; init; }

    /// <summary>Of a record that is deleted not for the first time: all its delete events, oldest first. Empty otherwise.</summary>
    public IReadOnlyList<EventPlace> Deletes { get; init; } = [];
}

/// <summary>Where an event stands: its transaction, and its place in it.</summary>
public sealed record EventPlace(string TransactionKey, int Sequence);

/// <summary>
/// What the org itself knows at one moment between two commits: every record of every object, deleted ones too, by REST field names. A replica that has
/// applied everything must say the same.
/// </summary>
/// <param name="Transactions">Transactions committed so far.</param>
/// <param name="Events">Change events published so far.</param>
/// <param name="Objects">For each object the fields it has now.</param>
public sealed record Truth(
    long Transactions, long Events, IReadOnlyDictionary<string, IReadOnlyList<TruthField>> Objects, IReadOnlyList<TruthRecord> Records)
{
    /// <summary>The value of one field, for tests and for people who look.</summary>
    /// <exception cref="KeyNotFoundException">No such record or field.</exception>
    public object? Value(string id, string field)
    {
        var record = Record(id);
        var fields = Objects[record.ObjectName];
        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i].Name == field) return record.Values[i];
        }
        throw new KeyNotFoundException($"{record.ObjectName} has no field {field}");
    }

    public TruthRecord Record(string id) => Records.FirstOrDefault(record => record.Id == id) ?? throw new KeyNotFoundException($"no record {id}");

    /// <summary>SHA-256 in hex over all of it; equal for two orgs that went through the same.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in TruthJson.Lines(this with { Records = [.. Records.OrderBy(record => record.Id, StringComparer.Ordinal)] }))
        {
            hash.AppendData(line.Span);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
