using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Database.Roles;

namespace SalesforceSync.Cli;

/// <summary><c>migrate</c>: brings the control schema up to date, for roles of <c>run</c> that may not do so themselves, and makes the roles of the database.</summary>
internal static partial class MigrateVerb
{
    private static readonly Option<bool> Roles = new("--roles") { Description = "make the roles <prefix>_owner, _writer and _reader, or put their rights right" };

    private static readonly Option<string?> Prefix = new("--prefix") { Description = $"how the names of the roles begin, which belong to the whole server; {RoleNames.UsualPrefix} if not given", HelpName = "prefix" };

    private static readonly Option<bool> Print = new("--print") { Description = "print the statements for an administrator and change nothing" };

    public static IReadOnlyList<Option> Options { get; } = [Roles, Prefix, Print];

    public static async Task<int> RunAsync(bool json, ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        var postgres = configuration.ReadPostgres();
        var (roles, prefix, print) = (parsed.GetValue(Roles), parsed.GetValue(Prefix) ?? RoleNames.UsualPrefix, parsed.GetValue(Print));
        var schemas = roles ? configuration.ReadSchemas() : [];
        using var loggers = Logs.Open(configuration.Root, ofRun: false, surroundings.IsTerminal, out var logFault);
        ConfigurationFault?[] faults =
        [
            .. configuration.Faults, logFault, .. Misplaced(parsed, roles),
            PrefixShape().IsMatch(prefix) ? null : new("--prefix", prefix, "give a lower-case letter, then at most 40 lower-case letters, digits and _, and not pg_"),
        ];
        if (faults.Any(fault => fault is not null))
            return await Faults.PrintAsync(faults.OfType<ConfigurationFault>(), surroundings.Error);
        try
        {
            var applied = print ? 0 : await Migrations.ApplyAsync(postgres!.Value.Reveal, loggers!.CreateLogger(nameof(Migrations)), stop);
            if (!roles)
            {
                await surroundings.Out.WriteLineAsync(json ? $$"""{"applied":{{applied}}}""" : Said(applied));
                return ExitCode.Done;
            }
            await using var source = Postgres.Open(postgres!.Value.Reveal, "salesforce-sync migrate");
            return await GiveAsync(new DatabaseRoles(source, new(prefix), schemas), new(prefix), applied, json, print, surroundings, stop);
        }
        catch (MigrationException e)
        {
            await surroundings.Error.WriteLineAsync(e.Message);
            return ExitCode.Failed;
        }
    }

    private static async Task<int> GiveAsync(DatabaseRoles roles, RoleNames names, int applied, bool json, bool print, Surroundings surroundings, CancellationToken stop)
    {
        if (print)
        {
            await ShowAsync(await roles.ScriptAsync(stop), applied, json, surroundings);
            return ExitCode.Done;
        }
        try
        {
            var statements = await roles.GiveAsync(stop);
            await surroundings.Out.WriteLineAsync(json
                ? JsonSerializer.Serialize(new { applied, owner = names.Owner, writer = names.Writer, reader = names.Reader, statements })
                : $"{Said(applied)}\n{names.Owner}, {names.Writer} and {names.Reader} have their rights ({statements} statements); who logs in as what: docs/operations.md, Roles");
            return ExitCode.Done;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            await surroundings.Error.WriteLineAsync(
                $"Postgres: {e.MessageText}: making roles takes CREATEROLE, and giving them rights takes owning the database and what is in it; nothing of it was done. An administrator runs what follows, with psql:");
            await ShowAsync(await roles.ScriptAsync(stop), applied, json, surroundings);
            return ExitCode.Failed;
        }
    }

    private static Task ShowAsync(string script, int applied, bool json, Surroundings surroundings) =>
        surroundings.Out.WriteAsync(json ? $"{JsonSerializer.Serialize(new { applied, sql = script })}\n" : script);

    private static string Said(int applied) => applied == 0 ? "the database is up to date" : $"{applied} migrations applied";

    private static IEnumerable<ConfigurationFault?> Misplaced(ParseResult parsed, bool roles) => roles ? [] :
    [
        parsed.GetValue(Prefix) is { } prefix ? new("--prefix", prefix, "goes with --roles") : null,
        parsed.GetValue(Print) ? new("--print", "given", "goes with --roles") : null,
    ];

    // A name of Postgres holds 63 bytes; those that begin with pg_ are its own.
    [GeneratedRegex("^(?!pg_)[a-z][a-z0-9_]{0,40}$")]
    private static partial Regex PrefixShape();
}
