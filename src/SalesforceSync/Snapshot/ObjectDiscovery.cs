using System.Net;
using Microsoft.Extensions.Logging;
using SalesforceSync.Configuration;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Snapshot;

/// <summary>
/// Finds out which objects the org's channels carry, with as few calls as can be: what is configured costs none, the members of the channels one, and
/// only where those are not told, describe global one. Asked again at a new start only when something is missing.
/// </summary>
internal sealed class ObjectDiscovery(OrgOptions options, RestClient rest, PubSubClient pubSub, OrgObjects objects, ChannelMembers members, ILogger logger)
{
    /// <summary>An org with objects of its own choice alone; one of Salesforce's own has hundreds, and topics for those that are selected.</summary>
    private const int FewObjects = 40;

    /// <summary>Objects that belong to another one, or are no data: they never have change events (Object Reference, "Associated Objects").</summary>
    private static readonly string[] Dependents = ["ChangeEvent", "Feed", "History", "Share", "__Tag", "__mdt", "__e", "__b", "__x", "__xo", "__chn"];

    /// <summary>Whether the org has to be asked at all.</summary>
    public bool IsComplete(IReadOnlyList<OrgObject> known) =>
        Named().All(name => known.Any(k => k.Object.Equals(name, StringComparison.OrdinalIgnoreCase))) && (known.Count > 0 || !AsksForRest);

    /// <summary>Finds and stores what is missing. Objects that are known stay, whatever is found.</summary>
    /// <param name="askForRest">Ask the org for what no configuration names.</param>
    public async Task FindAsync(bool askForRest, CancellationToken stop)
    {
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var told = askForRest && HasMembers ? await MembersAsync(stop) : null;
        if (askForRest && AsksForRest)
        {
            foreach (var (name, channel) in told?.Select(member => (member.Object, member.Channel)) ?? await DescribedAsync(stop))
                found.TryAdd(name, channel);
        }
        foreach (var channel in options.Channels)
        {
            if (ChangeTopic.ObjectOfChannel(channel) is { } only) found.TryAdd(only, channel);
        }
        foreach (var name in Named())
            found.TryAdd(name, ChannelOf(name));
        var chosen = found.Where(f => options.Objects.For(f.Key).Include).OrderBy(f => f.Key, StringComparer.Ordinal).ToList();
        foreach (var (name, channel) in chosen)
            await objects.AddAsync(name, channel, null, stop);
        if (told is not null)
            await NoteAsync(told, stop);
        logger.ObjectsFound(options.Name, chosen.Count, string.Join(", ", chosen.Select(c => c.Key)));
    }

    /// <summary>Looks what the channels keep from us of the objects that are known: one call, where there is a channel that has members.</summary>
    public async Task LookAtMembersAsync(CancellationToken stop)
    {
        if (HasMembers && await MembersAsync(stop) is { } told)
            await NoteAsync(told, stop);
    }

    private async Task NoteAsync(IReadOnlyList<ChannelMember> told, CancellationToken stop)
    {
        foreach (var (name, why) in await members.NoteAsync(told, [.. options.Channels.Where(channel => ChangeTopic.ObjectOfChannel(channel) is null)], stop))
            logger.MemberChanged(options.Name, name, why);
    }

    /// <summary>Lists what the stream brought; true when something was new.</summary>
    public async Task<bool> MeetAsync(CancellationToken stop)
    {
        var met = (await objects.MetAsync(stop)).Where(name => options.Objects.For(name).Include).ToList();
        foreach (var name in met)
            await objects.AddAsync(name, ChannelOf(name), null, stop);
        return met.Count > 0;
    }

    /// <summary>Channels of several objects bring more than the configuration names, where it does not say otherwise.</summary>
    private bool AsksForRest => options.Objects.For(ObjectSelection.Rest).Include && HasMembers;

    private bool HasMembers => options.Channels.Any(channel => ChangeTopic.ObjectOfChannel(channel) is null);

    private IEnumerable<string> Named() => options.Objects.Named.Where(entry => entry.Value.Include).Select(entry => entry.Key)
        .Concat(options.Channels.Select(ChangeTopic.ObjectOfChannel).OfType<string>().Where(name => options.Objects.For(name).Include))
        .Distinct(StringComparer.OrdinalIgnoreCase);

    public bool IsCopied(string objectName) => options.Objects.For(objectName).Include;

    /// <summary>The channel that carries an object's events, as far as the configuration tells.</summary>
    public string ChannelOf(string objectName) =>
        options.Channels.FirstOrDefault(channel => objectName.Equals(ChangeTopic.ObjectOfChannel(channel), StringComparison.OrdinalIgnoreCase))
        ?? options.Channels.FirstOrDefault(channel => ChangeTopic.ObjectOfChannel(channel) is null) ?? options.Channels[0];

    /// <summary>The members of our channels; null when the org does not tell, or tells of none.</summary>
    private async Task<IReadOnlyList<ChannelMember>?> MembersAsync(CancellationToken stop)
    {
        try
        {
            return await ChannelMember.ReadAsync(rest, options.Channels, stop) is { Count: > 0 } told ? told : null;
        }
        catch (RestException refused) when (refused.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable) && refused.Code != "REQUEST_LIMIT_EXCEEDED")
        {
            logger.MembersRefused(options.Name, refused.Message);
            return null;
        }
    }

    /// <summary>Everything that can be queried and has a change event of its own.</summary>
    private async Task<IReadOnlyList<(string Object, string Channel)>> DescribedAsync(CancellationToken stop)
    {
        var described = (await rest.ObjectsAsync(stop)).Where(o => o.Queryable && o.Replicateable && options.Objects.For(o.Name).Include
            && !Dependents.Any(end => o.Name.EndsWith(end, StringComparison.Ordinal))).Select(o => o.Name).ToList();
        var found = new List<string>();
        foreach (var name in described)
        {
            if (await HasTopicAsync(name, stop))
                found.Add(name);
        }
        if (found.Count == 0 && described.Count <= FewObjects)
            found = await GuessAsync(described, stop);
        return [.. found.Select(name => (name, ChannelOf(name)))];
    }

    /// <summary>The org names neither members nor topics: what it lets this user describe is what it has.</summary>
    private async Task<List<string>> GuessAsync(IReadOnlyList<string> listed, CancellationToken stop)
    {
        var known = (await objects.ListAsync(stop)).Select(o => o.Object).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var guessed = new List<string>();
        foreach (var name in listed)
        {
            if (known.Contains(name) || await rest.DescribeAsync(name, stop) is { Queryable: true })
                guessed.Add(name);
        }
        return guessed;
    }

    private async Task<bool> HasTopicAsync(string objectName, CancellationToken stop)
    {
        try
        {
            var topic = await pubSub.GetTopicAsync(ChangeTopic.Of(objectName), stop);
            return topic.CanSubscribe || topic.SchemaId.Length > 0;
        }
        catch (GrpcException refused) when (ReadShapes.IsRefusal(refused))
        {
            return false;
        }
    }
}
