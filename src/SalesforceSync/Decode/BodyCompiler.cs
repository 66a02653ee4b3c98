namespace SalesforceSync.Decode;

/// <summary>
/// Turns the fields behind the header into a flat list of steps and the leaves they fill. Compounds are taken apart, unions of null and one type folded into
/// one step, <c>["null","string",Switchable_PersonName]</c> becomes the whole name beside its parts; what no rule knows becomes one leaf of JSON.
/// </summary>
internal sealed class BodyCompiler
{
    private readonly string _schemaId;
    private readonly string _root;
    private readonly List<BodyStep> _steps = [];
    private readonly List<string> _paths = [];
    private readonly List<LeafField> _leaves = [];
    private readonly HashSet<string> _apiNames = new(StringComparer.OrdinalIgnoreCase);

    private BodyCompiler(string schemaId, string root) => (_schemaId, _root) = (schemaId, root);

    /// <returns>The plan, all leaves in schema order, and the fields by position with the header first.</returns>
    public static (BodyPlan Plan, LeafField[] Leaves, FieldPosition[] Positions) Compile(string schemaId, AvroRecord root)
    {
        var compiler = new BodyCompiler(schemaId, root.Name);
        var positions = new List<FieldPosition> { new(root.Fields[0].Name, 0, 0, []) };
        foreach (var field in root.Fields.Skip(1)) positions.Add(compiler.Field(field));
        return (new BodyPlan([.. compiler._steps], [.. compiler._paths]), [.. compiler._leaves], [.. positions]);
    }

    private FieldPosition Field(AvroField field)
    {
        var first = _leaves.Count;
        var (branches, nullBranch) = Branches(field.Type);
        IReadOnlyList<FieldPosition> parts = [];
        if (branches is [AvroRecord compound] && CompoundField.IsKnown(field, compound))
            parts = Optional(field.Type, nullBranch, field.Name, () => Compound(field, compound));
        else if (branches.OfType<AvroRecord>().FirstOrDefault() is { } name && IsSwitchableName(field, branches, name))
            parts = SwitchableName(field, (AvroUnion)field.Type, name);
        else
            Optional(field.Type, nullBranch, field.Name, () => Value(Leaf(field.Name, field.Name, branches, field.Doc, NameRole.None, LeafDoc.IsMasked(field.Doc)), branches, field.Type));
        return new FieldPosition(field.Name, first, _leaves.Count - first, parts);
    }

    /// <summary>What a type can be besides null, and the branch of null in a union of two.</summary>
    private static (IReadOnlyList<AvroType> Branches, int NullBranch) Branches(AvroType type)
    {
        if (type is not AvroUnion union) return ([type], -1);
        var others = union.Branches.Where(b => !IsNull(b)).ToList();
        return (others, union.Branches.Count == 2 && others.Count == 1 ? union.Branches.ToList().FindIndex(IsNull) : -1);
    }

    private static bool IsNull(AvroType type) => type is AvroPrimitive { Kind: AvroKind.Null };

    private static bool IsSwitchableName(AvroField field, IReadOnlyList<AvroType> branches, AvroRecord record) =>
        branches.Count == 2 && branches.Any(b => b is AvroPrimitive { Kind: AvroKind.String }) && CompoundField.IsPersonName(field, record);

    /// <summary>Emits what <paramref name="emit"/> emits so that its first step reads the union: folded for two branches, chosen for one.</summary>
    private T Optional<T>(AvroType type, int nullBranch, string path, Func<T> emit)
    {
        if (type is AvroUnion { Branches.Count: 1 }) Emit(new BodyStep(StepKind.Choose) { Targets = [_steps.Count + 1] }, path);
        var first = _steps.Count;
        var result = emit();
        if (nullBranch >= 0) _steps[first] = _steps[first] with { NullBranch = nullBranch, Next = _steps.Count };
        return result;
    }

    private List<FieldPosition> Compound(AvroField field, AvroRecord record)
    {
        Emit(new BodyStep(StepKind.Enter), field.Name);
        var person = CompoundField.IsPersonName(field, record);
        var parts = new List<FieldPosition>();
        foreach (var part in record.Fields)
        {
            var path = $"{field.Name}.{part.Name}";
            var (branches, nullBranch) = Branches(part.Type);
            var leaf = Leaf(
                path, CompoundField.ApiNameOf(field.Name, part.Name, person), branches, field.Doc, person ? CompoundField.RoleOf(part.Name) : NameRole.None,
                LeafDoc.IsMasked(part.Doc), partOf: record);
            Optional(part.Type, nullBranch, path, () => Value(leaf, branches, part.Type));
            parts.Add(new FieldPosition(path, leaf.Ordinal, 1, []));
        }

        return parts;
    }

    // The whole name comes first among the leaves whatever the order of the branches: leaves are filled in ascending order, and only one branch is taken.
    private List<FieldPosition> SwitchableName(AvroField field, AvroUnion union, AvroRecord record)
    {
        var whole = Leaf(field.Name, field.Name, [new AvroPrimitive(AvroKind.String)], field.Doc, NameRole.Whole, LeafDoc.IsMasked(field.Doc));
        List<FieldPosition> parts = [];
        var choose = _steps.Count;
        Emit(new BodyStep(StepKind.Choose), field.Name);
        var targets = new List<int>();
        var jumps = new List<int>();
        foreach (var branch in union.Branches)
        {
            targets.Add(_steps.Count);
            if (branch is AvroRecord) parts = Compound(field, record);
            else if (IsNull(branch)) Emit(new BodyStep(StepKind.Nothing), field.Name);
            else Value(whole, [branch], branch);
            jumps.Add(_steps.Count);
            Emit(new BodyStep(StepKind.Jump), field.Name);
        }

        _steps[choose] = _steps[choose] with { Targets = [.. targets] };
        foreach (var jump in jumps) _steps[jump] = _steps[jump] with { Next = _steps.Count };
        return parts;
    }

    private LeafField Leaf(string path, string? apiName, IReadOnlyList<AvroType> branches, string? doc, NameRole role, bool isMasked, AvroRecord? partOf = null)
    {
        if (apiName is not null && !_apiNames.Add(apiName)) throw new SchemaException($"a second field named {apiName}", $"{_root}.{path}", _schemaId);
        var type = branches is [var only] ? TypeOf(only, path, doc, partOf) : branches.Count == 0 ? FieldType.Text : FieldType.Json;
        var leaf = new LeafField(_leaves.Count, path, apiName, type, doc, LeafDoc.FieldIdOf(doc), role, isMasked);
        _leaves.Add(leaf);
        return leaf;
    }

    private static FieldType TypeOf(AvroType type, string path, string? doc, AvroRecord? partOf) => type switch
    {
        AvroPrimitive { Kind: AvroKind.String } or AvroEnum => FieldType.Text,
        AvroPrimitive { Kind: AvroKind.Boolean } => FieldType.Boolean,
        AvroPrimitive { Kind: AvroKind.Int or AvroKind.Long } number => LeafDoc.MeaningOf(number, partOf is null ? doc : null),
        AvroPrimitive { Kind: AvroKind.Float or AvroKind.Double } => partOf is not null && IsCoordinate(path) ? FieldType.Coordinate : FieldType.Numeric,
        AvroPrimitive { Logical: AvroLogical.Decimal } or AvroFixed { Scale: not null } => FieldType.Numeric,
        AvroPrimitive { Kind: AvroKind.Bytes } or AvroFixed => FieldType.Bytes,
        AvroPrimitive => FieldType.Text,
        AvroArray { Items: AvroPrimitive { Kind: AvroKind.String } } => FieldType.TextList,
        _ => FieldType.Json,
    };

    private static bool IsCoordinate(string path) =>
        path.EndsWith(".Latitude", StringComparison.Ordinal) || path.EndsWith(".Longitude", StringComparison.Ordinal);

    /// <summary>Emits the step of one leaf. JSON reads its own union: which branch is left of it is not one type.</summary>
    private int Value(LeafField leaf, IReadOnlyList<AvroType> branches, AvroType whole)
    {
        var type = branches is [var only] ? only : whole;
        var kind = type switch
        {
            _ when branches.Count == 0 => StepKind.Nothing,
            AvroPrimitive { Kind: AvroKind.Boolean } => StepKind.Boolean,
            AvroPrimitive { Kind: AvroKind.Int or AvroKind.Long } => StepKind.Integer,
            AvroPrimitive { Kind: AvroKind.Float } => StepKind.Float,
            AvroPrimitive { Kind: AvroKind.Double } => StepKind.Double,
            AvroPrimitive { Kind: AvroKind.String } => StepKind.Text,
            AvroPrimitive { Logical: AvroLogical.Decimal } or AvroFixed { Scale: not null } => StepKind.Decimal,
            AvroPrimitive { Kind: AvroKind.Bytes } => StepKind.Bytes,
            AvroPrimitive => StepKind.Nothing,
            AvroFixed => StepKind.Fixed,
            AvroEnum => StepKind.Enum,
            AvroArray { Items: AvroPrimitive { Kind: AvroKind.String } } => StepKind.TextList,
            _ => StepKind.Json,
        };
        Emit(new BodyStep(kind) { Leaf = leaf, Type = type, Unit = LeafDoc.UnitOf(type, leaf.Type) }, leaf.Path);
        return leaf.Ordinal;
    }

    private void Emit(BodyStep step, string path)
    {
        _steps.Add(step);
        _paths.Add(path);
    }
}
