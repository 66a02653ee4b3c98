using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>A field as a read delivers it.</summary>
/// <param name="Name">API name in REST and Bulk (<c>BillingStreet</c>, <c>FirstName</c>).</param>
/// <param name="Doc">The <c>doc</c> of the event schema where one is known.</param>
internal sealed record EvidenceField(string Name, ColumnType Type, string? Doc = null, string? FieldId = null, NameRole NameRole = NameRole.None);

/// <summary>What the rows of one read consist of; the values of a row stand in the order of the fields.</summary>
internal sealed record EvidenceShape(string Object, IReadOnlyList<EvidenceField> Fields);

/// <summary>A record as Salesforce showed it to a read.</summary>
/// <param name="Id">18 characters.</param>
/// <param name="IsDeleted">It lies in the recycle bin.</param>
/// <param name="Stamp">SystemModstamp, where it was read.</param>
/// <param name="Values">By the fields of the shape. Numbers as ASCII digits, exact.</param>
internal sealed record EvidenceRow(string Id, bool IsDeleted, DateTimeOffset? Stamp, FieldValue[] Values);

/// <summary>Rows that are merged in one Postgres transaction, and where their read goes on after them.</summary>
/// <param name="Absent">Ids that the read showed not to exist, under a permission proven at that moment (rule E2).</param>
/// <param name="Locator">The page that comes next, or that these rows were a part of.</param>
/// <param name="PageRows">How many rows of that page are merged with these.</param>
internal sealed record EvidenceChunk(IReadOnlyList<EvidenceRow> Rows, IReadOnlyList<string> Absent, string? Locator = null, long PageRows = 0);
