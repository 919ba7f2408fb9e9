using System.CommandLine;
using Tracekit.Cli.Options;
using Tracekit.Schedule;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit scheduler</c>: dispatches the tasks of the line to nodes, or stands by for one that does.</summary>
internal sealed class SchedulerCommand : Command
{
    private readonly RedisConnectionFlags _redis = new(RedisConnectionFlags.RoleTimeoutS);
    private readonly Option<string> _weigher = Flag.Choice("--weigher", "", ["", "instances", "vcpu"], "how to choose among nodes that a task fits");
    private readonly Option<string> _weigherOrder = Flag.Choice("--weigher-order", "min", ["min", "max"], "which end of the weigher's metric wins");

    public SchedulerCommand()
        : base("scheduler", "dispatch the tasks of the line to nodes; a second one stands by")
    {
        _redis.AddWithLeaseTo(this);
        Options.Add(_weigher);
        Options.Add(_weigherOrder);
        SetAction(Run);
    }

    private async Task<int> Run(ParseResult result, CancellationToken cancellation)
    {
        using var interrupt = InterruptSignal.Listen();
        var weigher = HostWeigher.Parse(result.GetValue(_weigher)!, result.GetValue(_weigherOrder)!);
        await using var control = await RedisControlPlane.ConnectAsync(_redis.OptionsOf(result, "scheduler", Log.Line), interrupt.Token).ConfigureAwait(false);
        await new CentralScheduler(control, weigher, Log.Line).RunAsync(interrupt.Token).ConfigureAwait(false);
        return 0;
    }
}
