using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.House;

/// <summary>What is published cannot be made to crash by an environment variable.</summary>
public class PublishedBuildTests
{
    [PublishedFact]
    public void The_published_build_has_no_crash_points()
    {
        var published = Path.Combine(Repository.Published, "salesforce-sync.dll");
        CallsOfCrashPoints(published).ShouldBeEmpty();
        foreach (var variable in (string[])["SYNC_CRASH_POINT", "SYNC_PLANTED_BUG"])
            File.ReadAllBytes(published).AsSpan().IndexOf(System.Text.Encoding.Unicode.GetBytes(variable)).ShouldBe(-1);
    }

    [Fact]
    public void Calls_of_crash_points_are_found_in_a_build_that_has_them()
    {
        Marked();
#if CRASH_POINTS
        CallsOfCrashPoints(typeof(PublishedBuildTests).Assembly.Location).ShouldBe([nameof(Marked)]);
#else
        CallsOfCrashPoints(typeof(PublishedBuildTests).Assembly.Location).ShouldBeEmpty();
#endif
    }

    // Never the chosen one: SYNC_CRASH_POINT is not set in the process that runs the tests.
    private static void Marked() => CrashPoint.Hit(CrashPoints.ApplyBeforeCommit);

    /// <summary>The names of the methods of an assembly whose code calls <see cref="CrashPoint.Hit"/>.</summary>
    private static List<string> CallsOfCrashPoints(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        var targets = HitTokens(metadata).Select(CallInstruction).ToList();
        return [.. from handle in metadata.MethodDefinitions
                   let method = metadata.GetMethodDefinition(handle)
                   where method.RelativeVirtualAddress != 0
                   let code = file.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!
                   where targets.Any(target => code.AsSpan().IndexOf(target) >= 0)
                   select metadata.GetString(method.Name)];
    }

    private static IEnumerable<EntityHandle> HitTokens(MetadataReader metadata)
    {
        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind != HandleKind.TypeReference || metadata.GetString(member.Name) != nameof(CrashPoint.Hit)) continue;
            if (metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name) == nameof(CrashPoint)) yield return handle;
        }
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            var type = metadata.GetTypeDefinition(method.GetDeclaringType());
            if (metadata.GetString(method.Name) == nameof(CrashPoint.Hit) && metadata.GetString(type.Name) == nameof(CrashPoint)) yield return handle;
        }
    }

    // IL: call (0x28) and the token of the callee, little endian (ECMA-335, III.3.19).
    private static byte[] CallInstruction(EntityHandle callee) => [0x28, .. BitConverter.GetBytes(MetadataTokens.GetToken(callee))];
}
