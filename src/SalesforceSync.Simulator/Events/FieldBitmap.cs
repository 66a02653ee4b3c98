using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Events;

/// <summary>
/// Spells a set of leaves the way changedFields and nulledFields do: <c>0x…</c> for top-level fields, <c>N-0x…</c> for the parts of the compound at
/// position N. The lowest bit of the last byte is position 0, leading zero bytes are left out, and so is a top-level element with no bit in it
/// (seen in a captured geocoding update: <c>["6-0x0180"]</c>).
/// </summary>
internal static class FieldBitmap
{
    /// <param name="leaves">Indices of the leaves in the set.</param>
    /// <param name="wholeCompounds">Name a compound by its own bit when all its parts are in the set.</param>
    public static IReadOnlyList<string> Spell(EventSchema schema, IReadOnlySet<int> leaves, bool wholeCompounds)
    {
        if (leaves.Count == 0) return [];
        var top = new byte[(schema.Fields.Count + 8) / 8];
        var nested = new List<string>();
        for (var i = 0; i < schema.Fields.Count; i++)
        {
            var slot = schema.Fields[i];
            var position = i + 1;
            var parts = slot.Parts.Count(part => leaves.Contains(part.Index));
            var whole = parts > 0 && parts == slot.Parts.Count && wholeCompounds;
            if (whole || (slot.Plain is { } plain && leaves.Contains(plain.Index))) Set(top, position);
            else if (parts > 0) nested.Add($"{position}-{Nested(slot, leaves)}");
        }
        return Hex(top) is { } hex ? [hex, .. nested] : nested;
    }

    private static string Nested(FieldSlot slot, IReadOnlySet<int> leaves)
    {
        var bits = new byte[(slot.Parts.Count + 7) / 8];
        for (var i = 0; i < slot.Parts.Count; i++)
        {
            if (leaves.Contains(slot.Parts[i].Index)) Set(bits, i);
        }
        return Hex(bits)!;
    }

    private static void Set(byte[] bits, int position) => bits[bits.Length - 1 - (position / 8)] |= (byte)(1 << (position % 8));

    private static string? Hex(byte[] bits)
    {
        var first = Array.FindIndex(bits, b => b != 0);
        return first < 0 ? null : "0x" + Convert.ToHexString(bits.AsSpan(first));
    }
}
