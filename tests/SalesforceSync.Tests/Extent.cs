namespace SalesforceSync.Tests;

/// <summary>script/test lives within minutes: of what takes long it does a part, and CI the whole. A whole one has a shorter one
/// beside it, or others that look at the same thing.</summary>
internal static class Extent
{
    public const string Trait = "Extent";

    public const string Whole = "whole";

    /// <summary>The shorter one, where the longer shows all that it shows.</summary>
    public const string Part = "part";
}
