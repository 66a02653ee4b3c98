using SalesforceSync.Tests.Protocol.Strangers;

namespace SalesforceSync.Tests.House;

/// <summary>deploy/kubernetes, read by Kubernetes' own Python client.</summary>
public class ManifestTests
{
    private static readonly string Manifests = Path.Combine(Repository.Root, "deploy", "kubernetes", "salesforce-sync.yml");

    [StrangerFact("kubernetes")]
    public async Task Every_key_is_one_that_Kubernetes_knows_and_what_is_required_is_there()
    {
        var seen = await Stranger.AskAsync("manifests.py", Manifests);
        seen.GetProperty("faults").EnumerateArray().Select(f => f.GetString()).ShouldBeEmpty();
        seen.GetProperty("kinds").EnumerateArray().Select(k => k.GetString()).ShouldBe(["ConfigMap", "Deployment", "Service", "PodDisruptionBudget"]);
    }

    [StrangerFact("kubernetes")]
    public async Task A_key_that_is_none_a_wrong_type_and_what_is_missing_are_found()
    {
        var text = await File.ReadAllTextAsync(Manifests);
        var bad = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.yml");
        await File.WriteAllTextAsync(bad, text.Replace("runAsNonRoot", "runAsNotRoot", StringComparison.Ordinal).Replace("replicas: 2", "replicas: two", StringComparison.Ordinal)
            .Replace("- name: worker\n", "- tty: true\n", StringComparison.Ordinal));
        try
        {
            var seen = await Stranger.AskAsync("manifests.py", bad);
            seen.GetProperty("faults").GetArrayLength().ShouldBe(3, $"{seen}");
        }
        finally
        {
            File.Delete(bad);
        }
    }

    /// <summary>What the manifests say of the program: its probes are routes it has, its user is the image's, its files are where it reads them.</summary>
    [Fact]
    public void They_fit_the_program()
    {
        var text = File.ReadAllText(Manifests);
        foreach (var path in new[] { "/health/startup", "/health/live", "/health/ready" })
            text.ShouldContain($"path: {path}, port: http");
        text.ShouldContain("runAsUser: 65534");
        File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile")).ShouldContain("USER 65534:65534");
        text.ShouldContain("mountPath: /run/secrets, readOnly: true");
        text.ShouldContain("readOnlyRootFilesystem: true");
    }
}
