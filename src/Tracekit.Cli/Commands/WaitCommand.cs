using System.CommandLine;
using Tracekit.Cli.Options;
using Tracekit.Model;
using Tracekit.Schedule;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit wait</c>: until every task of a dispatch has ended, as far as anybody will hear of it.</summary>
internal sealed class WaitCommand : Command
{
    private readonly RedisConnectionFlags _redis = new();
    private readonly Argument<string> _id = new("dispatch") { Description = "id of the dispatch", HelpName = "DISPATCH" };

    public WaitCommand()
        : base("wait", "wait until every task of a dispatch has ended, or went to a node that reports no results; exit 1 when one failed")
    {
        Arguments.Add(_id);
        _redis.AddTo(this);
        SetAction(Run);
    }

    private async Task<int> Run(ParseResult result, CancellationToken cancellation)
    {
        using var interrupt = InterruptSignal.Listen();
        var id = Identifier.Check(result.GetValue(_id)!, "dispatch");
        await using var control = await RedisControlPlane.ConnectAsync(_redis.OptionsOf(result, "wait", Log.Line) with { DispatchId = id }, interrupt.Token).ConfigureAwait(false);
        var total = await control.DispatchTotalAsync(interrupt.Token).ConfigureAwait(false)
            ?? throw new UsageException($"there is no dispatch {id} on this server");
        while (true)
        {
            var snapshot = await control.SnapshotAsync(interrupt.Token).ConfigureAwait(false);
            if (snapshot.Succeeded + snapshot.Failed + snapshot.HandedOver >= total)
            {
                Console.WriteLine($"{snapshot.Succeeded} of {total} tasks succeeded, {snapshot.Failed} failed");
                if (snapshot.HandedOver > 0)
                {
                    Console.WriteLine($"{snapshot.HandedOver} tasks went to nodes that report no results; how they end is not known here");
                }

                return snapshot.Failed == 0 ? 0 : 1;
            }

            await control.WaitForChangeAsync(snapshot.Version, interrupt.Token).ConfigureAwait(false);
        }
    }
}
