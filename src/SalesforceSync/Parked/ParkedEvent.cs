using System.Text.Json.Serialization;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Parked;

/// <summary>A row of <c>salesforce_sync.quarantine</c>.</summary>
internal sealed record ParkedEvent
{
    /// <summary>What commands call it by.</summary>
    public long Id { get; init; }

    /// <summary>The org it came from.</summary>
    public string Org { get; init; } = "";

    /// <summary>The channel it came over.</summary>
    public string Channel { get; init; } = "";

    /// <summary>The number it was received under.</summary>
    public long Event { get; init; }

    /// <summary>In hex.</summary>
    public string ReplayId { get; init; } = "";

    /// <summary>The schema it was written with.</summary>
    public string SchemaId { get; init; } = "";

    /// <summary>Null where not even its header could be read.</summary>
    public string? Object { get; init; }

    /// <summary>Why it was parked; never a value.</summary>
    public string Reason { get; init; } = "";

    /// <summary><c>open</c>, <c>retried</c> or <c>dropped</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>When it was parked.</summary>
    public DateTime At { get; init; }

    /// <summary>When it was retried or dropped.</summary>
    public DateTime? ClosedAt { get; init; }

    /// <summary>Size of the payload; null when it is not kept: any more, or because the org has masks.</summary>
    public int? Bytes { get; init; }

    /// <summary>SHA-256 of the payload, in hex; null of what was parked by an older version.</summary>
    public string? Sha256 { get; init; }

    /// <summary>
    /// What became of the fetch that was asked for in its stead: <c>open</c>, <c>failed</c>, <c>done</c>, or <c>none</c> where nobody asked. Of several events of
    /// an object the least that became of any.
    /// </summary>
    public string Fetch { get; init; } = "";

    /// <summary>Printed only where values are asked for.</summary>
    [JsonIgnore]
    public byte[]? Payload { get; init; }

    /// <summary>Its header as JSON; null where it could not be read.</summary>
    [JsonIgnore]
    public string? Header { get; init; }

    /// <summary>For those who decode.</summary>
    public StoredEvent Stored() => new(Event, new ReplayId(Convert.FromHexString(ReplayId)), "", SchemaId, Payload ?? [], new DateTimeOffset(At, TimeSpan.Zero));
}

/// <summary>Which events a command is about.</summary>
/// <param name="Ids">Only these; empty: whichever.</param>
/// <param name="Objects">Only those of these objects; empty: of whichever.</param>
internal sealed record ParkedChoice(IReadOnlyList<long> Ids, IReadOnlyList<string> Objects);

/// <summary>What became of one event by a command.</summary>
/// <param name="State">Of the row, after it.</param>
/// <param name="Records">Records that are fetched in its stead, by object; a whole object has none.</param>
/// <param name="Fault">Why it still cannot be decoded.</param>
internal sealed record ParkedOutcome(long Id, string? Object, string State, IReadOnlyList<string> Records, string? Fault);
