namespace SalesforceSync.Tests.Endurance;

/// <summary>A straight line through measurements: how much they rise, and how far that can be from the truth with 95 % confidence.</summary>
/// <param name="Slope">Per unit of the first coordinate.</param>
/// <param name="HalfWidth">Half of the interval that holds the true slope with 95 % confidence.</param>
internal readonly record struct Trend(double Slope, double HalfWidth)
{
    /// <summary>Neighbouring measurements say much the same: this many means of neighbours count as measurements that do not.</summary>
    private const int Blocks = 20;

    // Student's t for 18 degrees of freedom, two-sided 95 % (any table).
    private const double T18 = 2.101;

    /// <summary>It rises by more than so much, with 97.5 % confidence.</summary>
    public bool Exceeds(double limit) => Slope - HalfWidth > limit;

    /// <param name="points">In ascending order of the first coordinate, at least 40.</param>
    /// <exception cref="ArgumentException">There are fewer.</exception>
    public static Trend Of(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count < 2 * Blocks)
            throw new ArgumentException($"{points.Count} measurements tell no trend: {2 * Blocks} are needed", nameof(points));
        var means = Enumerable.Range(0, Blocks).Select(block =>
        {
            var from = points.Count * block / Blocks;
            var some = points.Skip(from).Take(points.Count * (block + 1) / Blocks - from).ToList();
            return (X: some.Average(p => p.X), Y: some.Average(p => p.Y));
        }).ToList();
        var (x, y) = (means.Average(m => m.X), means.Average(m => m.Y));
        var spread = means.Sum(m => (m.X - x) * (m.X - x));
        var slope = means.Sum(m => (m.X - x) * (m.Y - y)) / spread;
        var residual = means.Sum(m => Math.Pow(m.Y - y - slope * (m.X - x), 2));
        return new(slope, T18 * Math.Sqrt(residual / (Blocks - 2) / spread));
    }
}
