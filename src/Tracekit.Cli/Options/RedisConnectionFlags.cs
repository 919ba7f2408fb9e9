using System.CommandLine;
using Tracekit.Redis;
using Tracekit.Schedule;

namespace Tracekit.Cli.Options;

/// <summary>The flags that say which Redis, and how long silence is taken for life.</summary>
/// <param name="connectTimeoutS">Seconds that the first connection is tried for, by default.</param>
internal sealed class RedisConnectionFlags(double connectTimeoutS = RedisConnectionFlags.AskerTimeoutS)
{
    /// <summary>Of a role that runs for long: it may be started before its server.</summary>
    public const double RoleTimeoutS = 30;

    private const double AskerTimeoutS = 5;

    private readonly Option<string?> _url = Flag.Text("--redis", "redis://[user@]host[:port][/db], or rediss:// for TLS; default: this machine's", RedisEndpoint.UrlVariable);
    private readonly Option<string?> _passwordFile = Flag.Path("--redis-password-file", "a file with the password, readable by you alone", RedisEndpoint.PasswordFileVariable);
    private readonly Option<string?> _caFile = Flag.Path("--redis-ca-file", "the authority of the server's certificate, PEM", RedisEndpoint.CaFileVariable);
    private readonly Option<double> _connectTimeoutS = Flag.Number("--connect-timeout", connectTimeoutS, 0, 3600, "seconds that the first connection is tried for; 0: once");
    private readonly Option<double> _leaseS = Flag.Number("--lease", 10, 0.2, 3600, "seconds of silence after which a worker or scheduler counts as dead");
    private readonly Option<int> _maxAttempts = Flag.Whole("--max-attempts", 3, 1, 1000, "how often a task is tried before it goes to the dead letters");

    /// <summary>Adds the flags of the connection.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_url);
        command.Options.Add(_passwordFile);
        command.Options.Add(_caFile);
        command.Options.Add(_connectTimeoutS);
    }

    /// <summary>Adds the flags of leases, too.</summary>
    public void AddWithLeaseTo(Command command)
    {
        AddTo(command);
        command.Options.Add(_leaseS);
        command.Options.Add(_maxAttempts);
    }

    /// <summary>True when a flag or variable names a server.</summary>
    public bool IsGiven(ParseResult result) => result.GetValue(_url) is not null;

    /// <summary>What they say.</summary>
    public RedisControlOptions OptionsOf(ParseResult result, string role, Action<string> report)
    {
        var isFirst = true;
        var flags = new Tracekit.Redis.RedisFlags(result.GetValue(_url), result.GetValue(_passwordFile), result.GetValue(_caFile));
        var endpoint = RedisEndpoint.Parse(flags, Environment.GetEnvironmentVariable);
        if (endpoint.PasswordSource == PasswordSource.Flag)
        {
            report("the password in --redis is on the command line, where every user of this machine can read it: use --redis-password-file");
        }

        var redis = new RedisOptions(endpoint)
        {
            ClientName = $"tracekit-{role}",
            FirstConnectWithin = TimeSpan.FromSeconds(result.GetValue(_connectTimeoutS)),
            StateChanged = change =>
            {
                // That a connection comes about is what everybody expects; that it is lost and back again is news.
                if (!isFirst || change.State != RedisState.Connected)
                {
                    report(change.ToString());
                }

                isFirst = false;
            },
        };
        return new RedisControlOptions(redis)
        {
            Lease = TimeSpan.FromSeconds(result.GetValue(_leaseS)),
            MaxAttempts = result.GetValue(_maxAttempts),
            Report = report,
        };
    }
}
