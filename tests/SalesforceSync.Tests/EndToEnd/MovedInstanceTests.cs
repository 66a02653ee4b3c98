using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>The org moves to another instance while it is copied: the next sign-in says where it is.</summary>
public sealed class MovedInstanceTests
{
    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task An_org_whose_instance_url_changes_is_followed()
    {
        var asked = new ConcurrentQueue<string>();
        Task Door(HttpContext context, RequestDelegate next)
        {
            if (context.Request.Path.StartsWithSegments("/services/data")) asked.Enqueue(context.Request.Host.Host);
            return next(context);
        }
        await using var copy = await ProvenCopy.CreateAsync(new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300), Before = Door });
        var (simulated, before) = (copy.Copied.Simulated, new Uri(copy.Copied.Simulated.InstanceUrl));
        copy.Copied.Start();
        copy.Commit(50);
        await copy.ShouldBeExactAsync();
        AddField(copy, "Before__c", "00N00000000000A");
        await copy.Copied.UntilAsync("select true", () => !asked.IsEmpty);
        asked.Distinct().ShouldBe([before.Host]);

        // The same server by another name, which the stream's calls must give too.
        simulated.InstanceUrl = new UriBuilder(before) { Host = "localhost" }.Uri.ToString().TrimEnd('/');
        simulated.Faults.Arm(FaultKind.ExpireTokens);
        simulated.Faults.Arm(FaultKind.Drop);
        asked.Clear();
        AddField(copy, "After__c", "00N00000000000B");
        await copy.ShouldBeExactAsync();
        await copy.Copied.UntilAsync("select true", () => asked.Contains("localhost"));
        // Whoever still asked under the old name was refused, and signed in again.
        asked.SkipWhile(host => host != "localhost").ShouldAllBe(host => host == "localhost");
        // Stream and readings may have been refused at once, and one have dropped what the other had just been given.
        copy.Copied.Log.Lines.Count(line => line.Id == 6001).ShouldBeInRange(2, 3);
    }

    /// <summary>A new field is described and read at once, by REST.</summary>
    private static void AddField(ProvenCopy copy, string name, string id)
    {
        copy.Org.Setup.AddField("Account", new SimulatedField(name, FieldKind.Text) { FieldId = id }, existing: "m");
        copy.Commit(100);
    }
}
