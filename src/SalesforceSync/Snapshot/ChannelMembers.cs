using Dapper;
using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync.Snapshot;

/// <summary>
/// What the org's channels were last seen to carry. An object that is taken off its channel, gets a filter or another one, or comes back, may have changed
/// without an event since its last proof: a gap is opened from there on, in the transaction that notes it (rule B7).
/// </summary>
internal sealed class ChannelMembers(NpgsqlDataSource source, Ownership ownership)
{
    private const string Lock = "select 1 from salesforce_sync.org where name = @Org and epoch = @Epoch and owner = @Owner for update";

    // What was never told to be a member may be one all the same: not every org tells of all.
    private const string Note = """
        with told as (select t.object, t.channel, t.filter from unnest(@Objects, @Of, @Filters) as t (object, channel, filter)),
        turned as (
            select o.object, o.channel, o.is_member as was_member, t.object is not null as is_member, t.filter, coalesce(o.proven_at, o.snapshot_at) as since
            from salesforce_sync.object o left join told t on lower(t.object) = lower(o.object) and t.channel = o.channel
            where o.org = @Org and o.channel = any(@Channels) and (t.object is not null or o.is_member)
                and (o.is_member, o.filter) is distinct from (t.object is not null, t.filter)),
        noted as (
            update salesforce_sync.object o set is_member = n.is_member, filter = n.filter from turned n where o.org = @Org and o.object = n.object)
        insert into salesforce_sync.coverage (org, object, state, from_event, from_at, evidence)
        select @Org, n.object, 'gap', coalesce(c.event, 0), n.since, jsonb_build_object('channel', n.channel, 'reason', case
                when not n.is_member then 'taken off its channel'
                when n.was_member is false then 'on its channel again'
                when n.filter is null then 'the filter of its channel was taken away'
                else 'the channel has a filter' end)
        from turned n left join salesforce_sync.cursor c on c.org = @Org and c.channel = n.channel and c.stage = 'applied'
        where n.was_member is not null or n.filter is not null
        returning object, evidence ->> 'reason'
        """;

    /// <summary>Returns the objects of which a gap was opened, and why.</summary>
    /// <param name="told">All members of the channels.</param>
    /// <param name="channels">The channels that have members.</param>
    /// <exception cref="OwnershipLostException">Another process owns the org.</exception>
    public async Task<IReadOnlyList<(string Object, string Why)>> NoteAsync(IReadOnlyList<ChannelMember> told, string[] channels, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        if (await connection.ExecuteScalarAsync<int?>(new CommandDefinition(Lock, ownership, transaction, cancellationToken: stop)) is null)
            throw new OwnershipLostException(ownership, "the org's row");
        var values = new
        {
            ownership.Org,
            Objects = told.Select(t => t.Object).ToArray(),
            Of = told.Select(t => t.Channel).ToArray(),
            Filters = told.Select(t => t.Filter).ToArray(),
            Channels = channels,
        };
        var opened = (await connection.QueryAsync<(string, string)>(new CommandDefinition(Note, values, transaction, cancellationToken: stop))).ToList();
        await transaction.CommitAsync(CancellationToken.None);
        return opened;
    }
}
