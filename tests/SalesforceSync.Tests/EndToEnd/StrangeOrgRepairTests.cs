using System.Text.Json;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Protocol.Strangers;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>
/// A second org that is not ours (tests/strangers/port-*.mjs, from the public description alone) has records from before the stream, tells some changes badly
/// and others not at all, and answers REST and Bulk in the several ways the documents allow. The program copies it, configured as an operator would; the
/// org's own code then compares its records with the tables, value by value. More of its answers and mishaps by hand: see the head of port-story.mjs.
/// </summary>
public class StrangeOrgRepairTests
{
    private const int Objects = 4;

    [StrangerFact("node")]
    public async Task Copy_of_a_strange_org_comes_to_its_truth_whatever_the_stream_kept_back()
    {
        var seen = await TellAsync("""{"seed":1,"steps":["gaps","verify"]}""");
        ShouldBeCopied(seen, workers: 1);
        var snapshot = Strings(seen, "snapshotCalls");
        snapshot.Count(call => call.EndsWith("/describe", StringComparison.Ordinal)).ShouldBe(Objects);
        snapshot.Count(call => call == "POST jobs/query").ShouldBe(Objects);
        snapshot.Count(call => call.StartsWith("GET jobs/query", StringComparison.Ordinal)).ShouldBe(2 * Objects, "a look and a page for each object");
        var verified = seen.GetProperty("verify").GetProperty("json");
        verified.GetProperty("equal").GetBoolean().ShouldBeTrue();
        verified.GetProperty("objects").EnumerateArray().Sum(o => o.GetProperty("differing").GetInt64()).ShouldBeGreaterThan(0, "nothing told of the silent changes");
        var spent = seen.GetProperty("budget").GetProperty("json").GetProperty("orgs")[0].GetProperty("spent").GetInt32();
        spent.ShouldBe(seen.GetProperty("calls").GetInt32() + seen.GetProperty("tokens").GetInt32(), "the ledger counts what the org counts");
    }

    [StrangerFact("node")]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task An_org_that_answers_in_its_own_way_is_copied_all_the_same_through_a_kill_and_a_lost_position()
    {
        var seen = await TellAsync("""
            {"seed":3,"during":0,"steps":["lost","grow"],"members":404,"topics":"none","describe":"plain","gzip":true,"omitNulls":true,"limitInfo":false,"slash":true,"bare":true,
            "lost":"validation.failed","foreignGaps":false,"enriched":true,"batch":3,"skew":-20000,"expireAt":[11],"unavailableAt":[4],
            "bulk":{"pages":60,"bare":true,"shuffle":true,"bom":true,"crlf":true,"truncate":1,"fails":1,"processed":"absent","counts":false,"end":"absent","zone":"+0000","scientific":true}}
            """);
        ShouldBeCopied(seen, workers: 2, expired: 1);
    }

    private static void ShouldBeCopied(JsonElement seen, int workers, int expired = 0)
    {
        Strings(seen, "differences").ShouldBeEmpty($"{seen}");
        Strings(seen, "faults").ShouldBeEmpty();
        Strings(seen, "other").ShouldBeEmpty("calls of what is not there");
        seen.GetProperty("tokens").GetInt32().ShouldBe(workers + expired, "each worker signs in once");
        seen.GetProperty("exit").GetInt32().ShouldBe(0);
        var status = seen.GetProperty("status").GetProperty("json").GetProperty("orgs")[0];
        // A while after a delete its children are looked at again, which the story does not wait for.
        status.GetProperty("state").GetString().ShouldBeOneOf("streaming", "repairing");
        status.GetProperty("openGaps").GetInt32().ShouldBe(0);
    }

    private static async Task<JsonElement> TellAsync(string variant)
    {
        if (PostgresFixture.SkipReason is { } reason)
        {
            Assert.Fail(reason);
        }
        await using var story = Stranger.Start("port-story.mjs", [Path.Combine(AppContext.BaseDirectory, "salesforce-sync"), await PostgresFixture.CreateDatabaseAsync(), variant]);
        while (true)
        {
            var said = await story.ReadAsync();
            if (said.TryGetProperty("differences", out _))
            {
                return said;
            }
        }
    }

    private static List<string> Strings(JsonElement seen, string name) => [.. seen.GetProperty(name).EnumerateArray().Select(line => line.GetString()!)];
}
