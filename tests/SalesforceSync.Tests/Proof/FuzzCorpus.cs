namespace SalesforceSync.Tests.Proof;

/// <summary>
/// What mutilated inputs are made of: good ones, and mutilated ones that were accepted nevertheless, since what is made of those gets further. Kept in a file from
/// one run to the next.
/// </summary>
internal sealed class FuzzCorpus
{
    /// <summary>So many are kept of a target; then a new one takes the place of an old one.</summary>
    private const int Most = 300;

    private readonly FuzzTarget _target;
    private readonly string _file;
    private readonly List<byte[]> _kept;

    public FuzzCorpus(FuzzTarget target, string folder)
    {
        _target = target;
        _file = Path.Combine(folder, target.Name.Replace(' ', '-') + ".txt");
        _kept = File.Exists(_file) ? [.. File.ReadLines(_file).Select(Convert.FromBase64String)] : [];
    }

    public int Kept => _kept.Count;

    public byte[] Pick(Random random) =>
        _kept.Count == 0 || random.Next(2) == 0 ? _target.Good[random.Next(_target.Good.Count)] : _kept[random.Next(_kept.Count)];

    /// <param name="outcome">What its target said of it.</param>
    public void Keep(byte[] bytes, string outcome, Random random)
    {
        if (outcome.EndsWith(nameof(Exception), StringComparison.Ordinal) || outcome.StartsWith("no ", StringComparison.Ordinal))
            return;
        if (_kept.Count < Most) _kept.Add(bytes);
        else _kept[random.Next(Most)] = bytes;
    }

    /// <summary>Whoever is killed meanwhile leaves the file as it was.</summary>
    public void Save()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        File.WriteAllLines($"{_file}.new", _kept.Select(Convert.ToBase64String));
        File.Move($"{_file}.new", _file, overwrite: true);
    }
}
