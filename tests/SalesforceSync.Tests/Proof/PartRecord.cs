using System.Text.Json;
using System.Text.Json.Serialization;

namespace SalesforceSync.Tests.Proof;

/// <summary>What was found wrong, and the seed of the round that found it.</summary>
internal sealed record Violation(int Seed, string Message);

/// <summary>What a part has really done so far: kept as a file after every round, so that the next run goes on where this one stopped.</summary>
internal sealed record PartRecord
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public required string Part { get; init; }

    public required string Commit { get; init; }

    /// <summary>What one trial is: the count of this name is the n of the bound 3/n.</summary>
    public required string Trial { get; init; }

    /// <summary>How many trials there can be: what is told is how many of them succeeded.</summary>
    public int? OutOf { get; set; }

    public required int FirstSeed { get; init; }

    public required DateTimeOffset Began { get; init; }

    public int NextSeed { get; set; }

    public int Rounds { get; set; }

    public DateTimeOffset Ended { get; set; }

    public double Seconds { get; set; }

    /// <summary>Where its rounds ran.</summary>
    public SortedSet<string> Machines { get; init; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, long> Counts { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Where or how faults came: how often each did.</summary>
    public SortedDictionary<string, long> Windows { get; init; } = new(StringComparer.Ordinal);

    /// <summary>In seconds.</summary>
    public SortedDictionary<string, List<double>> Durations { get; init; } = new(StringComparer.Ordinal);

    /// <summary>What single rounds measured, in words and units.</summary>
    public List<string> Measured { get; init; } = [];

    /// <summary>Counts without which nothing is proven.</summary>
    public SortedSet<string> Required { get; init; } = new(StringComparer.Ordinal);

    public List<Violation> Violations { get; init; } = [];

    /// <summary>What had to happen and did not: the part has proven nothing then.</summary>
    [JsonIgnore]
    public IEnumerable<string> NeverHappened => Required.Where(name => Counts.GetValueOrDefault(name) == 0);

    /// <summary>The record of a part of this commit; a new one where there is none, or where the order names another first seed.</summary>
    public static PartRecord Open(ProofOrder order, string part, string trial, DateTimeOffset now)
    {
        if (Find(order.Folder, part) is { } found && found.Commit == order.Commit && (order.FirstSeed ?? found.FirstSeed) == found.FirstSeed)
            return found;
        var first = order.FirstSeed ?? 1;
        return new() { Part = part, Commit = order.Commit, Trial = trial, FirstSeed = first, NextSeed = first, Began = now };
    }

    public static PartRecord? Find(string folder, string part) =>
        File.Exists(FileOf(folder, part)) ? JsonSerializer.Deserialize<PartRecord>(File.ReadAllText(FileOf(folder, part)), Json) : null;

    /// <summary>Whoever is killed meanwhile leaves the record as it was.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        var file = FileOf(folder, Part);
        File.WriteAllText($"{file}.new", JsonSerializer.Serialize(this, Json));
        File.Move($"{file}.new", file, overwrite: true);
    }

    private static string FileOf(string folder, string part) => Path.Combine(folder, $"{part}.json");
}
