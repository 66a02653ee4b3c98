using Dapper;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>
/// Remembers the selection in the org's row, opens a gap in the coverage of every object of which more is copied than before, closes what is open of
/// those that are left out, and erases what is masked now and was not.
/// </summary>
/// <param name="schema">Postgres schema of the org's tables.</param>
internal sealed class SelectionRecord(NpgsqlDataSource source, Ownership ownership, string schema)
{
    private const string Lock = """
        select selection::text from salesforce_sync.org where name = @Org and epoch = @Epoch and owner = @Owner for update
        """;

    private const string Exists = "select count(*) from salesforce_sync.org where name = @Org and epoch = @Epoch and owner = @Owner";

    private const string Write = "update salesforce_sync.org set selection = @Json::jsonb where name = @Org";

    private const string OpenGap = """
        insert into salesforce_sync.coverage (org, object, state, from_event, evidence)
        values (@Org, @Object, 'gap', 0, jsonb_build_object('reason', 'selected after events of it were passed over'))
        """;

    /// <summary>Returns the objects whose past is missing now, <c>*</c> standing for all without a rule of their own; and those whose masks are others now.</summary>
    /// <exception cref="OwnershipLostException">Another process owns the org.</exception>
    /// <exception cref="InvalidOperationException">A column that has to be emptied is held fast; nothing was changed.</exception>
    public async Task<(IReadOnlyList<string> Widened, IReadOnlyList<ChangedMask> Masked)> UpdateAsync(Selection selection, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        var before = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(Lock, ownership, transaction, cancellationToken: stop));
        if (before is null && await connection.ExecuteScalarAsync<long>(new CommandDefinition(Exists, ownership, transaction, cancellationToken: stop)) == 0)
            throw new OwnershipLostException(ownership, "the org's row");
        var erasure = new MaskErasure(connection, ownership.Org, schema);
        var masked = before is null ? [] : await erasure.CarryOutAsync(Selection.FromJson(before), selection, stop);
        if (selection.HasMasks)
            await erasure.ForgetParkedAsync(stop);
        var widened = before is null ? [] : selection.WidenedSince(Selection.FromJson(before));
        foreach (var name in PlantedBug.Is(PlantedBugs.WidenedWithoutGap) ? [] : widened)
            await connection.ExecuteAsync(new CommandDefinition(OpenGap, new { ownership.Org, Object = name == "*" ? null : name }, transaction, cancellationToken: stop));
        // Nobody reads what is left out, so that what is open of it would stay open.
        var leftOut = (await LeftOutObjects.KnownAsync(connection, ownership, stop)).Where(name => !selection.Includes(name)).ToList();
        if (leftOut.Count > 0)
            await LeftOutObjects.ForgetAsync(connection, ownership, leftOut, stop);
        await connection.ExecuteAsync(new CommandDefinition(Write, new { ownership.Org, Json = selection.ToJson() }, transaction, cancellationToken: stop));
        await transaction.CommitAsync(CancellationToken.None);
        return (widened, masked);
    }
}
