namespace SalesforceSync.Cli.Demo;

/// <summary>What is done to the worker while it works.</summary>
internal enum DisturbanceKind
{
    /// <summary>SIGKILL.</summary>
    Kill,

    /// <summary>Its stream ends without a word.</summary>
    Cut,

    /// <summary>SIGKILL, and while there is no worker Salesforce forgets its events: the stored replay id is worth nothing, and what was committed meanwhile is gone.</summary>
    Lose,

    /// <summary>What an org does that no event tells fully, at once and for certain.</summary>
    Hardship,
}

/// <summary>One of them and when it is due after the workload began.</summary>
internal sealed record Disturbance(DisturbanceKind Kind, TimeSpan At)
{
    /// <summary>
    /// Evenly spread over the workload, one every ten seconds and never fewer than six; two kills for every cut, one kill past the middle loses the replay
    /// id. Hardships stand before and after that.
    /// </summary>
    public static IReadOnlyList<Disturbance> Plan(TimeSpan length)
    {
        var count = Math.Max(6, (int)(length.TotalSeconds / 10));
        var lose = Enumerable.Range(count / 2, count).First(i => i % 3 != 1);
        DisturbanceKind Kind(int i) => i == lose ? DisturbanceKind.Lose : i % 3 == 1 ? DisturbanceKind.Cut : DisturbanceKind.Kill;
        return
        [
            .. Enumerable.Range(0, count).Select(i => new Disturbance(Kind(i), length * ((i + 0.7) / count)))
                .Append(new(DisturbanceKind.Hardship, length * 0.35)).Append(new(DisturbanceKind.Hardship, length * 0.85)).OrderBy(d => d.At),
        ];
    }

    /// <summary>Whether the worker is killed by it.</summary>
    public bool Kills => Kind is DisturbanceKind.Kill or DisturbanceKind.Lose;
}
