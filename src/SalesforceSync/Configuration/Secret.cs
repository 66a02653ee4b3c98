namespace SalesforceSync.Configuration;

/// <summary>A value that cannot be printed by accident: only <see cref="Reveal"/> gives it away, so every use can be searched for.</summary>
internal readonly record struct Secret(string Reveal)
{
    public override string ToString() => "***";
}
