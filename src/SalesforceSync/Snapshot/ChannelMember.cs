using System.Net;
using System.Text.Json;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Snapshot;

/// <summary>An object on a channel of several, as the org tells it.</summary>
/// <param name="Filter">The expression that changes have to match to be sent; null: all are.</param>
internal sealed record ChannelMember(string Object, string Channel, string? Filter)
{
    private const string WithFilter = "SELECT SelectedEntity, EventChannel, FilterExpression FROM PlatformEventChannelMember";
    private const string WithoutFilter = "SELECT SelectedEntity, EventChannel FROM PlatformEventChannelMember";

    /// <summary>The members of these channels: one call, a second where the org's version knows no filters.</summary>
    /// <exception cref="RestException">It is not told to this user.</exception>
    public static async Task<IReadOnlyList<ChannelMember>> ReadAsync(RestClient rest, IReadOnlyList<string> channels, CancellationToken stop)
    {
        try
        {
            return await ReadAsync(rest, WithFilter, channels, stop);
        }
        catch (RestException older) when (older.Status == HttpStatusCode.BadRequest)
        {
            return await ReadAsync(rest, WithoutFilter, channels, stop);
        }
    }

    private static async Task<IReadOnlyList<ChannelMember>> ReadAsync(RestClient rest, string soql, IReadOnlyList<string> channels, CancellationToken stop)
    {
        var members = new List<ChannelMember>();
        await foreach (var page in rest.ToolingQueryAsync(soql, CallClass.Describe, stop))
        {
            foreach (var member in page)
            {
                if (Text(member, "SelectedEntity") is { } entity && ChangeTopic.ObjectOf(entity) is { } name && Text(member, "EventChannel") is { } of
                    && channels.FirstOrDefault(channel => ChangeTopic.IsNamed(channel, of)) is { } channel)
                    members.Add(new(name, channel, Text(member, "FilterExpression")));
            }
        }
        return members;
    }

    private static string? Text(JsonElement member, string name) =>
        AnswerText.Of(member, name) is { Length: > 0 } text ? text : null;
}
