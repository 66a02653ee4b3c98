using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Masks;

namespace SalesforceSync.Apply;

/// <summary>Fields of an object whose masks are others now; API names.</summary>
internal sealed record ChangedMask(string Object, IReadOnlyList<string> Fields);

/// <summary>
/// Fields that are masked otherwise than before: what they had goes from the table and from everything beside it that holds values, and is read anew, in the
/// caller's transaction, which holds the org's row. The stored events alone keep what they had. A column is rewritten and not only emptied, so that nothing of it
/// is left in the files of the table.
/// </summary>
internal sealed class MaskErasure(NpgsqlConnection connection, string org, string schema)
{
    private const string Objects = "select distinct object from salesforce_sync.field where org = $1 order by object";

    // As long as it takes: nothing of the org runs before it is done.
    private const string Settings = "set local statement_timeout = 0; set local lock_timeout = '10s'";

    private const string Fields = """
        select f.field, f."column", f.state, exists (
            select from pg_catalog.pg_attribute a where a.attrelid = to_regclass($3) and a.attname = f."column" and a.attnum > 0 and not a.attisdropped)
        from salesforce_sync.field f where f.org = $1 and f.object = $2 order by f."column"
        """;

    private const string Forget = """delete from salesforce_sync.field where org = $1 and object = $2 and "column" = any($3)""";

    private const string BecomeText = """update salesforce_sync.field set type = 'text' where org = $1 and object = $2 and "column" = any($3)""";

    private const string ForgetDifferences = """delete from salesforce_sync.pending_diff where org = $1 and object = $2 and "column" = any($3)""";

    private const string ForgetPatches = """
        update salesforce_sync.read_row set columns = columns - $3 where org = $1 and object = $2 and columns ?| $3
        """;

    private const string Image = """select "table" from salesforce_sync.image where org = $1 and object = $2""";

    // Its rule is nobody's: nothing is rebuilt until run has kept a copy of what is read anew.
    private const string ForgetImage = """
        insert into salesforce_sync.image (org, object, "table", number, channel, event, fields, rule, at)
        values ($1, $2, null, 0, '', 0, '[]', 'other masks', '-infinity')
        on conflict (org, object) do update set "table" = null, rule = excluded.rule, at = excluded.at
        """;

    private const string ChannelOf = """
        select coalesce((select channel from salesforce_sync.object where org = $1 and object = $2),
            (select channel from salesforce_sync.cursor where org = $1 and stage = 'applied' order by channel limit 1), '')
        """;

    private const string LastProof = "select coalesce(max(anchor), 0) from salesforce_sync.read where org = $1 and object = $2 and proves and state = 'done'";

    private const string Tell = "update salesforce_sync.org set table_changes = table_changes + 1 where name = $1";

    private const string Parked = "select id, payload from salesforce_sync.quarantine where org = $1 and payload is not null order by id limit 100";

    private const string ForgetPayload = """
        update salesforce_sync.quarantine set payload_sha256 = coalesce(payload_sha256, sha256(payload)), header = coalesce(header, $2::text::jsonb), payload = null where id = $1
        """;

    /// <summary>Returns whose masks have changed, as far as there was anything of them.</summary>
    /// <exception cref="InvalidOperationException">A view of the user's holds a column fast; nothing was changed.</exception>
    public async Task<IReadOnlyList<ChangedMask>> CarryOutAsync(Selection before, Selection now, CancellationToken stop)
    {
        var changed = new List<ChangedMask>();
        foreach (var name in await ListAsync(Objects, stop, Text(org)))
        {
            var (was, isNow) = (before.MaskOf(name), now.MaskOf(name));
            if (was?.Fingerprint == isNow?.Fingerprint)
                continue;
            if (await CarryOutAsync(name, was, isNow, stop) is { Count: > 0 } fields)
                changed.Add(new(name, fields));
        }
        if (changed.Count > 0)
            await RunAsync(Tell, stop, Text(org));
        return changed;
    }

    /// <summary>Of what is parked the header and a hash stay, as of what is parked from now on.</summary>
    public async Task ForgetParkedAsync(CancellationToken stop)
    {
        while (true)
        {
            var parked = new List<(long Id, byte[] Payload)>();
            await using (var command = Command(Parked, Text(org)))
            await using (var row = await command.ExecuteReaderAsync(stop))
            {
                while (await row.ReadAsync(stop))
                    parked.Add((row.GetInt64(0), row.GetFieldValue<byte[]>(1)));
            }
            if (parked.Count == 0)
                return;
            foreach (var (id, payload) in parked)
            {
                var header = Decode.EventSchema.TryReadUsualHeader(payload);
                await RunAsync(ForgetPayload, stop, OrgTransaction.Value(id, NpgsqlDbType.Bigint), Text(header is null ? null : HeaderJson.Of(header)));
            }
        }
    }

    private async Task<IReadOnlyList<string>> CarryOutAsync(string objectName, ObjectMask? was, ObjectMask? isNow, CancellationToken stop)
    {
        await RunAsync(Settings, stop);
        var table = new ObjectTable(objectName, schema, PostgresName.Of(objectName));
        var known = await KnownAsync(objectName, table, stop);
        var changed = known.Where(f => was?.WordOf(f.Field) != isNow?.WordOf(f.Field)).ToList();
        // A person's name is made of the parts, and a reading may bring it whole.
        var name = changed.Exists(f => PersonName.Composed.Contains(f.Column)) ? known.FirstOrDefault(f => f.Field == PersonName.Field && f.IsCurrent && !changed.Contains(f)) : null;
        if (changed.Count == 0)
            return [];
        var parts = PersonName.Composed.Where(part => known.Exists(f => f.Column == part && f is { IsCurrent: true, Exists: true } && !changed.Contains(f))).Select(Sql.Quote).ToList();
        var emptied = changed.Where(f => f.Exists).Select(f => (f.Column, Becomes: "null::text")).ToList();
        if (name is { Exists: true })
            emptied.Add((name.Column, PersonName.Sql(parts)));
        // One that is not masked any more is made again, of its own type.
        var gone = changed.Where(f => !f.IsCurrent || isNow?.Of(f.Field) is null or FieldMask.Drop).ToList();
        await RewriteAsync(table, emptied, [.. gone.Where(f => f.Exists).Select(f => f.Column)], stop);
        await ForgetAsync(objectName, [.. changed.Select(f => f.Column), .. name is null ? Array.Empty<string>() : [name.Column]], stop);
        await RunAsync(BecomeText, stop, Text(org), Text(objectName), Texts(changed.Except(gone).Select(f => f.Column)));
        await RunAsync(Forget, stop, Text(org), Text(objectName), Texts(gone.Select(f => f.Column)));
        string[] fields = [.. changed.Select(f => f.Field).Append(name?.Field).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)];
        await ReadAgainAsync(objectName, fields, [.. fields.Where(field => isNow?.Of(field) != FieldMask.Drop)], stop);
        return fields;
    }

    private async Task RewriteAsync(ObjectTable table, List<(string Column, string Becomes)> emptied, List<string> gone, CancellationToken stop)
    {
        try
        {
            if (emptied.Count > 0)
                await RunAsync($"alter table {table.Quoted} {string.Join(", ", emptied.Select(c => $"alter column {Sql.Quote(c.Column)} type text using {c.Becomes}"))}", stop);
            if (gone.Count > 0)
                await RunAsync($"alter table {table.Quoted} {string.Join(", ", gone.Select(column => $"drop column {Sql.Quote(column)}"))}", stop);
        }
        catch (PostgresException held) when (held.SqlState is PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.DependentObjectsStillExist)
        {
            throw new InvalidOperationException(
                $"{org}: {table.Quoted}: columns {string.Join(", ", emptied.Select(c => c.Column))} are masked otherwise than before and have to be emptied, and something depends on them "
                + $"({held.MessageText}): drop that view, let the worker start, and make it again", held);
        }
    }

    /// <summary>What holds values of these columns beside the table.</summary>
    private async Task ForgetAsync(string objectName, string[] columns, CancellationToken stop)
    {
        await RunAsync(ForgetDifferences, stop, Text(org), Text(objectName), Texts(columns));
        await RunAsync(ForgetPatches, stop, Text(org), Text(objectName), Texts(columns));
        foreach (var image in await ListAsync(Image, stop, Text(org), Text(objectName)))
            await RunAsync($"drop table if exists {Sql.Quote("salesforce_sync_image", image)}", stop);
        await RunAsync(ForgetImage, stop, Text(org), Text(objectName));
    }

    private async Task ReadAgainAsync(string objectName, IReadOnlyList<string> stale, IReadOnlyList<string> fill, CancellationToken stop)
    {
        var channel = (await ListAsync(ChannelOf, stop, Text(org), Text(objectName)))[0];
        await using var proof = Command(LastProof, Text(org), Text(objectName));
        var from = (long)(await proof.ExecuteScalarAsync(stop))!;
        await new DriftRows(connection, org).WriteAsync(new(objectName, fill, stale, [], Pause: false, Resume: false), channel, from, stop);
    }

    private async Task<List<KnownField>> KnownAsync(string objectName, ObjectTable table, CancellationToken stop)
    {
        var known = new List<KnownField>();
        await using var command = Command(Fields, Text(org), Text(objectName), Text(table.Quoted));
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            known.Add(new(row.GetString(0), row.GetString(1), FieldStates.Of(row.GetString(2)) != FieldState.Replaced, row.GetBoolean(3)));
        return known;
    }

    private async Task<List<string>> ListAsync(string sql, CancellationToken stop, params NpgsqlParameter[] parameters)
    {
        var list = new List<string>();
        await using var command = Command(sql, parameters);
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            if (!row.IsDBNull(0)) list.Add(row.GetString(0));
        }
        return list;
    }

    private async Task RunAsync(string sql, CancellationToken stop, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(sql, parameters);
        await command.ExecuteNonQueryAsync(stop);
    }

    private NpgsqlCommand Command(string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Texts(IEnumerable<string> values) => OrgTransaction.Value(values.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);

    /// <param name="IsCurrent">Its field is written to it.</param>
    /// <param name="Exists">The table has it.</param>
    private sealed record KnownField(string Field, string Column, bool IsCurrent, bool Exists);
}
