using System.Text;

namespace SalesforceSync.Decode;

/// <summary>Where in the payload the parts of a header begin that are interpreted only after the header is read.</summary>
internal readonly record struct HeaderOffsets(int NulledFields, int DiffFields, int ChangedFields);

/// <summary>
/// Reads the ChangeEventHeader by its own schema. Fields are found by name, so that a field that is new or has moved does no harm; one of ours that is missing
/// or has another type is refused when the schema is compiled.
/// </summary>
internal sealed class HeaderPlan
{
    private const int MostBitmaps = 4_096;
    private const int MostRecords = 100_000;

    private static readonly Dictionary<string, Part> Parts = Enum.GetValues<Part>().Where(p => p != Part.Other)
        .ToDictionary(p => char.ToLowerInvariant(p.ToString()[0]) + p.ToString()[1..], StringComparer.Ordinal);

    private readonly (Part Part, AvroType Type)[] _fields;
    private readonly string[] _paths;
    private readonly (string Symbol, ChangeKind Kind)[] _changes;

    // What the last event said; threads may overwrite each other's.
    private string _entityName = "";
    private string _changeOrigin = "";
    private string _commitUser = "";

    private HeaderPlan(AvroRecord header, AvroEnum changeType)
    {
        _fields = [.. header.Fields.Select(f => (Parts.GetValueOrDefault(f.Name), f.Type))];
        _paths = [.. header.Fields.Select(f => $"ChangeEventHeader.{f.Name}")];
        _changes = [.. changeType.Symbols.Select(s => (s, KindOf(s)))];
    }

    public static HeaderPlan Compile(string schemaId, AvroRecord header, string root)
    {
        foreach (var (name, part) in Parts)
        {
            var field = header.Fields.FirstOrDefault(f => f.Name == name) ?? throw new SchemaException($"no {name}", $"{root}.ChangeEventHeader", schemaId);
            if (!Fits(part, field.Type)) throw new SchemaException("not the type it must have", $"{root}.ChangeEventHeader.{name}", schemaId);
        }

        return new HeaderPlan(header, (AvroEnum)header.Fields.First(f => f.Name == "changeType").Type);
    }

    public ChangeEventHeader Read(ref AvroReader reader, out HeaderOffsets offsets)
    {
        string entityName = "", changeOrigin = "", transactionKey = "", commitUser = "";
        IReadOnlyList<string> recordIds = [], nulledFields = [], diffFields = [], changedFields = [];
        var change = (Symbol: "", Kind: ChangeKind.Unknown);
        int sequenceNumber = 0, nulledAt = 0, diffAt = 0, changedAt = 0;
        long commitTimestamp = 0, commitNumber = 0;

        reader.Follow(_paths);
        for (var i = 0; i < _fields.Length; i++)
        {
            reader.Place = i;
            var start = reader.Position;
            switch (_fields[i].Part)
            {
                case Part.EntityName: entityName = ReadEntityName(ref reader); break;
                case Part.RecordIds: recordIds = ReadRecordIds(ref reader); break;
                case Part.ChangeType: change = _changes[reader.ReadIndex(_changes.Length, "symbol")]; break;
                case Part.ChangeOrigin: changeOrigin = ReadRepeated(ref reader, ref _changeOrigin); break;
                case Part.TransactionKey: transactionKey = ReadText(ref reader); break;
                case Part.SequenceNumber: sequenceNumber = reader.ReadInt(); break;
                case Part.CommitTimestamp: commitTimestamp = ReadCommitTime(ref reader); break;
                case Part.CommitNumber: commitNumber = reader.ReadLong(); break;
                case Part.CommitUser: commitUser = ReadRepeated(ref reader, ref _commitUser); break;
                case Part.NulledFields: (nulledFields, nulledAt) = (ReadTexts(ref reader), start); break;
                case Part.DiffFields: (diffFields, diffAt) = (ReadTexts(ref reader), start); break;
                case Part.ChangedFields: (changedFields, changedAt) = (ReadTexts(ref reader), start); break;
                default: AvroWalk.Skip(ref reader, _fields[i].Type); break;
            }
        }

        offsets = new HeaderOffsets(nulledAt, diffAt, changedAt);
        return new ChangeEventHeader(
            entityName, recordIds, change.Kind, change.Symbol, changeOrigin, transactionKey, sequenceNumber, commitTimestamp, commitNumber, commitUser,
            nulledFields, diffFields, changedFields);
    }

    private static bool Fits(Part part, AvroType type) => part switch
    {
        Part.RecordIds or Part.NulledFields or Part.DiffFields or Part.ChangedFields => type is AvroArray { Items: AvroPrimitive { Kind: AvroKind.String } },
        Part.ChangeType => type is AvroEnum,
        Part.SequenceNumber => type is AvroPrimitive { Kind: AvroKind.Int },
        Part.CommitTimestamp or Part.CommitNumber => type is AvroPrimitive { Kind: AvroKind.Long },
        _ => type is AvroPrimitive { Kind: AvroKind.String },
    };

    private static ChangeKind KindOf(string symbol) => symbol switch
    {
        "CREATE" => ChangeKind.Create,
        "UPDATE" => ChangeKind.Update,
        "DELETE" => ChangeKind.Delete,
        "UNDELETE" => ChangeKind.Undelete,
        "GAP_CREATE" => ChangeKind.GapCreate,
        "GAP_UPDATE" => ChangeKind.GapUpdate,
        "GAP_DELETE" => ChangeKind.GapDelete,
        "GAP_UNDELETE" => ChangeKind.GapUndelete,
        "GAP_OVERFLOW" => ChangeKind.GapOverflow,
        "SNAPSHOT" => ChangeKind.Snapshot,
        _ => ChangeKind.Unknown,
    };

    // The entity's name becomes the name of a table: only names pass.
    private string ReadEntityName(ref AvroReader reader)
    {
        var start = reader.Position;
        var name = ReadRepeated(ref reader, ref _entityName);
        return AvroNames.IsName(name) ? name : throw reader.Failure("an entity name that is not one", start);
    }

    /// <summary>A text that mostly is the one of the event before: then no new string is made.</summary>
    private static string ReadRepeated(ref AvroReader reader, ref string last)
    {
        var before = last;
        return reader.TryTakeText(before) ? before : last = ReadText(ref reader);
    }

    private static string ReadText(ref AvroReader reader)
    {
        var text = reader.ReadText(out var storable);
        return Encoding.UTF8.GetString(storable ? text : StorableText.Substitute(text));
    }

    private static long ReadCommitTime(ref AvroReader reader)
    {
        var start = reader.Position;
        var time = reader.ReadLong();
        return PostgresRange.IsCommitTime(time) ? time : throw reader.Failure("a commit time outside the years 1 to 9999", start);
    }

    private static string[] ReadRecordIds(ref AvroReader reader)
    {
        var start = reader.Position;
        var ids = ReadList(ref reader, MostRecords, static (ref r) =>
        {
            var at = r.Position;
            return RecordId.Of(r.ReadBytes("record id")) ?? throw r.Failure("a record id that is not one", at);
        });
        return ids.Length > 0 ? ids : throw reader.Failure("no record id", start);
    }

    private static string[] ReadTexts(ref AvroReader reader) => ReadList(ref reader, MostBitmaps, static (ref r) => ReadText(ref r));

    private static string[] ReadList(ref AvroReader reader, int most, ItemReader read)
    {
        var block = reader.OpenBlock();
        if (block.Count == 0) return [];
        var items = new List<string>(Math.Min(block.Count, most));
        for (; block.Count > 0; block = reader.OpenBlock())
        {
            if (block.Count > most - items.Count) throw reader.Failure($"more than {most} items", block.Start);
            for (var i = 0; i < block.Count; i++) items.Add(read(ref reader));
            reader.CloseBlock(block);
        }

        return [.. items];
    }

    private delegate string ItemReader(ref AvroReader reader);

    private enum Part
    {
        Other,
        EntityName,
        RecordIds,
        ChangeType,
        ChangeOrigin,
        TransactionKey,
        SequenceNumber,
        CommitTimestamp,
        CommitNumber,
        CommitUser,
        NulledFields,
        DiffFields,
        ChangedFields,
    }
}
