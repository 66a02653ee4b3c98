using SalesforceSync.Decode;
using SalesforceSync.Masks;

namespace SalesforceSync.Apply;

/// <summary>A field as a read delivers it.</summary>
/// <param name="Name">API name in REST and Bulk (<c>BillingStreet</c>, <c>FirstName</c>).</param>
/// <param name="Doc">The <c>doc</c> of the event schema where one is known.</param>
/// <param name="Compound">The compound it is a part of (<c>BillingAddress</c>, <c>Name</c>), or null: an object's rule may name that instead.</param>
/// <param name="Mask">What its values are made into before they are kept; null: they are kept.</param>
/// <param name="AsRead">What its values are when they are read; null: of the column's type.</param>
internal sealed record EvidenceField(
    string Name, ColumnType Type, string? Doc = null, string? FieldId = null, NameRole NameRole = NameRole.None, string? Compound = null, ValueMask? Mask = null,
    ColumnType? AsRead = null);

/// <summary>What the rows of one read consist of; the values of a row stand in the order of the fields.</summary>
/// <param name="Complete">Every field that is copied of the object is among them: a row that is merged lacks nothing afterwards.</param>
internal sealed record EvidenceShape(string Object, IReadOnlyList<EvidenceField> Fields, bool Complete = true);

/// <summary>A record as Salesforce showed it to a read.</summary>
/// <param name="Id">18 characters.</param>
/// <param name="IsDeleted">It lies in the recycle bin.</param>
/// <param name="Stamp">SystemModstamp, where it was read.</param>
/// <param name="Values">By the fields of the shape. Numbers as ASCII digits, exact.</param>
internal sealed record EvidenceRow(string Id, bool IsDeleted, DateTimeOffset? Stamp, FieldValue[] Values)
{
    /// <summary>A text of it holds a substitute for what Postgres cannot hold (rule D6).</summary>
    public bool IsSubstituted { get; init; }
}

/// <summary>Rows that are merged in one Postgres transaction, and where their read goes on after them.</summary>
/// <param name="Absent">Ids that the read showed not to exist, under a permission proven at that moment (rule E2).</param>
/// <param name="Locator">The page that comes next, or that these rows were a part of.</param>
/// <param name="PageRows">How many rows of that page are merged with these.</param>
/// <param name="Calls">What it cost to read them.</param>
internal sealed record EvidenceChunk(IReadOnlyList<EvidenceRow> Rows, IReadOnlyList<string> Absent, string? Locator = null, long PageRows = 0, int Calls = 0);
