using System.Numerics;

namespace SalesforceSync.Decode;

/// <summary>A set of a schema's leaves.</summary>
internal readonly struct LeafSet(int leaves)
{
    private const int Width = 64;

    private readonly ulong[] _bits = new ulong[(leaves + Width - 1) / Width];

    public bool Has(int leaf) => (_bits[leaf >> 6] >> leaf & 1) != 0;

    public void Add(int first, int count)
    {
        for (var leaf = first; leaf < first + count; leaf++) _bits[leaf / Width] |= 1UL << (leaf % Width);
    }

    public void Add(LeafSet other)
    {
        for (var i = 0; i < _bits.Length; i++) _bits[i] |= other._bits[i];
    }

    public void Remove(LeafSet others)
    {
        for (var i = 0; i < _bits.Length; i++) _bits[i] &= ~others._bits[i];
    }

    public void Keep(LeafSet others)
    {
        for (var i = 0; i < _bits.Length; i++) _bits[i] &= others._bits[i];
    }

    public int Count()
    {
        var count = 0;
        foreach (var word in _bits) count += BitOperations.PopCount(word);
        return count;
    }

    /// <summary>The first leaf of the set at or behind <paramref name="from"/>, or -1.</summary>
    public int Next(int from)
    {
        for (var word = from / Width; word < _bits.Length; word++)
        {
            var rest = word == from / Width ? _bits[word] & (ulong.MaxValue << (from % Width)) : _bits[word];
            if (rest != 0) return (word * Width) + BitOperations.TrailingZeroCount(rest);
        }

        return -1;
    }
}
