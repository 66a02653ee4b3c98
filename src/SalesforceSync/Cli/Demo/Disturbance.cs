namespace SalesforceSync.Cli.Demo;

/// <summary>What is done to the worker while it works.</summary>
internal enum DisturbanceKind
{
    /// <summary>SIGKILL.</summary>
    Kill,

    /// <summary>Its stream ends without a word.</summary>
    Cut,
}

/// <summary>One of them and when it is due after the workload began.</summary>
internal sealed record Disturbance(DisturbanceKind Kind, TimeSpan At)
{
    /// <summary>Evenly spread over the workload, one every ten seconds and never fewer than six; two kills for every cut.</summary>
    public static IReadOnlyList<Disturbance> Plan(TimeSpan length)
    {
        var count = Math.Max(6, (int)(length.TotalSeconds / 10));
        return [.. Enumerable.Range(0, count).Select(i => new Disturbance(i % 3 == 1 ? DisturbanceKind.Cut : DisturbanceKind.Kill, length * ((i + 0.7) / count)))];
    }
}
