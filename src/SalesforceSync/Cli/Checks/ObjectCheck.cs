using SalesforceSync.Configuration;
using SalesforceSync.Decode;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Cli.Checks;

/// <summary>An object as the check found it.</summary>
/// <param name="Described">Null when this user sees no such object.</param>
/// <param name="EventFields">API names of the fields its events carry; empty when the schema cannot be had.</param>
internal sealed record CheckedObject(string Name, ObjectShape? Described, IReadOnlyList<string> EventFields);

/// <summary>
/// Whether an object may be read whole and which of its fields are hidden: one call each for the describe; that its events may be subscribed to, which takes
/// View All on the object, and what they carry is asked over Pub/Sub and costs none.
/// </summary>
internal sealed class ObjectCheck(OrgOptions org, RestClient rest, PubSubClient pubSub)
{
    private const int MostNames = 20;

    private readonly List<CheckedObject> _checked = [];

    /// <summary>Calls spent.</summary>
    public int Calls { get; private set; }

    public IReadOnlyList<CheckedObject> Checked => _checked;

    public async Task<List<Finding>> RunAsync(string name, CancellationToken stop)
    {
        var check = $"object {name}";
        Calls++;
        try
        {
            var described = await rest.DescribeAsync(name, stop);
            var (permission, carried) = await OfEventsAsync(name, stop);
            _checked.Add(new(name, described, carried));
            return permission is null ? [OfFields(name, described, carried)] : [OfFields(name, described, carried), permission];
        }
        catch (RestException e)
        {
            return [Finding.Warning(org.Name, check, $"not readable: {(int)e.Status} ({e.Code})", "correct the name under Objects, or let the integration user see the object")];
        }
        catch (BudgetSpentException e)
        {
            return [Finding.Warning(org.Name, check, e.Message, $"raise Orgs:{org.Name}:ApiBudget:CallsPerMonth or wait")];
        }
        catch (Exception e) when (e is SalesforceUnreachableException or SignInException)
        {
            return [Finding.Failed(org.Name, check, e.Message, "check the way to the org's instance URL")];
        }
    }

    private Finding OfFields(string name, ObjectShape? described, IReadOnlyList<string> carried)
    {
        var check = $"object {name}";
        if (described is null)
            return Finding.Failed(org.Name, check, "this user sees no such object", "correct the name under Objects, or let the integration user see the object; check --write-metadata writes a permission set");
        var options = org.Objects.For(name);
        var visible = described.Fields.Select(f => f.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var misnamed = (options.Fields ?? options.Exclude).Where(f => !visible.Contains(f) && !f.Contains('.', StringComparison.Ordinal) && !carried.Contains(f, StringComparer.OrdinalIgnoreCase));
        var hidden = carried.Where(f => !visible.Contains(f) && options.Copies(f));
        var unseen = misnamed.Concat(hidden).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal).ToArray();
        return unseen.Length == 0
            ? Finding.Ok(org.Name, check, $"{visible.Count} fields are visible")
            : Finding.Warning(org.Name, check, $"not visible: {Some(unseen)}",
                "correct the names, or let the integration user see the fields (check --write-metadata writes a permission set), or name them under Exclude: events carry null for what is hidden");
    }

    /// <summary>What is wrong with the subscription, if anything, and the fields that events carry.</summary>
    private async Task<(Finding? Permission, IReadOnlyList<string> Carried)> OfEventsAsync(string name, CancellationToken stop)
    {
        const string Remedy = "give the integration user View All Records on the object (check --write-metadata writes a permission set): a channel of several objects skips without a word what he may not see";
        try
        {
            var topic = await pubSub.GetTopicAsync(ChangeTopic.Of(name), stop);
            var permission = topic.CanSubscribe ? null : Finding.Failed(org.Name, $"permission {name}", "its changes may not be subscribed to", Remedy);
            return (permission, topic.SchemaId.Length == 0 ? [] : Carried(topic.SchemaId, await pubSub.GetSchemaAsync(topic.SchemaId, stop)));
        }
        catch (GrpcException e) when (e.Status == GrpcStatusCode.PermissionDenied)
        {
            return (Finding.Failed(org.Name, $"permission {name}", "its changes may not be subscribed to", Remedy), []);
        }
        catch (GrpcException e) when (e.Status == GrpcStatusCode.NotFound)
        {
            return (Finding.Warning(org.Name, $"permission {name}", "it has no change events", "select it for Change Data Capture in Setup, or leave it out with Include: false"), []);
        }
        catch (GrpcException e)
        {
            return (Finding.Warning(org.Name, $"permission {name}", $"not told: {e.Status}", "try again later"), []);
        }
    }

    // Parts of a person's name stand in schemas of objects that may have none.
    private static IReadOnlyList<string> Carried(string schemaId, string json)
    {
        try
        {
            return [.. EventSchema.Compile(schemaId, json).Leaves.Where(l => l.ApiName is not null && l.NameRole is NameRole.None).Select(l => l.ApiName!)];
        }
        catch (SchemaException)
        {
            return [];
        }
    }

    private static string Some(string[] names) =>
        names.Length <= MostNames ? string.Join(", ", names) : $"{string.Join(", ", names.Take(MostNames))} and {names.Length - MostNames} more";
}
