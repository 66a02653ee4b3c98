namespace SalesforceSync.Database;

/// <summary>Where the installed Postgres is, and as whom it may run: it refuses to run as root.</summary>
/// <param name="Directory">Holds <c>postgres</c>, <c>initdb</c> and <c>psql</c>.</param>
/// <param name="Account">The account to drop to; null when we are not root and stay who we are.</param>
internal sealed record LocalPostgresPrograms(string Directory, LocalPostgresPrograms.UserAccount? Account)
{
    internal sealed record UserAccount(string Name, string UserId, string GroupId);

    /// <summary>Remedy and reason in one, for whoever has to install it.</summary>
    public const string NotInstalled =
        "Postgres is not installed: no initdb in /usr/lib/postgresql/{17,16,15}/bin or on the PATH; install the package postgresql (apt-get install postgresql)";

    /// <summary>The newest supported server, else the one on the PATH, else null.</summary>
    public static LocalPostgresPrograms? Find()
    {
        // Debian keeps the servers of all versions off the PATH; what is on it may be older or only a client.
        IEnumerable<string> places =
        [
            "/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin",
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
        ];
        var directory = places.FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")));
        return directory is null ? null : new LocalPostgresPrograms(directory, Environment.IsPrivilegedProcess ? Unprivileged() : null);
    }

    public string PathOf(string program) => Path.Combine(Directory, program);

    /// <summary>The command that runs <paramref name="command"/> as the unprivileged account, in a session of its own so that Ctrl-C does not reach it.</summary>
    public IEnumerable<string> AsAccount(params IEnumerable<string> command) => Account is null
        ? ["setsid", .. command]
        : ["setsid", "setpriv", $"--reuid={Account.UserId}", $"--regid={Account.GroupId}", "--clear-groups", .. command];

    private static UserAccount Unprivileged()
    {
        var accounts = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length >= 4)
            .ToDictionary(fields => fields[0], fields => new UserAccount(fields[0], fields[2], fields[3]));
        return accounts.GetValueOrDefault("postgres") ?? accounts.GetValueOrDefault("nobody")
            ?? throw new InvalidOperationException("/etc/passwd: neither postgres nor nobody exists: Postgres does not run as root, create the user postgres");
    }
}
