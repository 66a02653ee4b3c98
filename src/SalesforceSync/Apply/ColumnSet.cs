using System.Numerics;

namespace SalesforceSync.Apply;

/// <summary>A set of columns of one table, by their index; equal by content. In the stage table it travels as words of 63 bits, which fit a signed bigint.</summary>
internal sealed class ColumnSet : IEquatable<ColumnSet>
{
    public const int BitsPerWord = 63;

    private long[] _words;

    public ColumnSet() => _words = [];

    private ColumnSet(long[] words) => _words = words;

    public int Count => _words.Sum(word => BitOperations.PopCount((ulong)word));

    public static int WordsFor(int columns) => (columns + BitsPerWord - 1) / BitsPerWord;

    public long Word(int index) => index < _words.Length ? _words[index] : 0;

    public bool Contains(int column) => (Word(column / BitsPerWord) & (1L << (column % BitsPerWord))) != 0;

    /// <summary>True when the column was not in the set before.</summary>
    public bool Add(int column)
    {
        var index = column / BitsPerWord;
        if (index >= _words.Length) Array.Resize(ref _words, index + 1);
        var before = _words[index];
        _words[index] = before | (1L << (column % BitsPerWord));
        return before != _words[index];
    }

    public void Remove(int column)
    {
        var index = column / BitsPerWord;
        if (index < _words.Length) _words[index] &= ~(1L << (column % BitsPerWord));
    }

    public void UnionWith(ColumnSet other)
    {
        if (other._words.Length > _words.Length) Array.Resize(ref _words, other._words.Length);
        for (var i = 0; i < other._words.Length; i++)
            _words[i] |= other._words[i];
    }

    public ColumnSet Copy() => new((long[])_words.Clone());

    public bool Equals(ColumnSet? other)
    {
        if (other is null) return false;
        for (var i = 0; i < Math.Max(_words.Length, other._words.Length); i++)
        {
            if (Word(i) != other.Word(i)) return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as ColumnSet);

    public override int GetHashCode()
    {
        // Words of zero at the end do not make another set.
        var hash = new HashCode();
        for (var i = 0; i < _words.Length; i++)
        {
            if (_words[i] != 0) hash.Add((i, _words[i]));
        }
        return hash.ToHashCode();
    }
}
