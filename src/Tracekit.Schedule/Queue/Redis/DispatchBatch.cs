using System.Text;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>One task and where it is to go.</summary>
/// <param name="Head">The task as it stands in the line.</param>
/// <param name="Json">The task as it is sent: with an id.</param>
/// <param name="Id">Its id.</param>
/// <param name="Node">The node.</param>
/// <param name="HostIndex">Its index among the hosts that were decided on.</param>
/// <param name="Units">Capacity units.</param>
/// <param name="TakesSlot">Whether it takes a concurrency slot.</param>
/// <param name="KeepsRecords">Whether the node keeps records with us.</param>
/// <param name="Dispatch">The dispatch that it belongs to; empty for none.</param>
internal readonly record struct DispatchStep(
    ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Json, string Id, string Node, int HostIndex, int Units, bool TakesSlot, bool KeepsRecords, string Dispatch);

/// <summary>
/// What is to be done with the heads of the line. No effect but on the state that is given: the policy is asked for one head after the other, on the hosts
/// as the one before left them, until one does not fit.
/// </summary>
/// <param name="Steps">The tasks that can be dispatched, in the order of the line.</param>
/// <param name="Outcome">Why it ended: dispatched all that was known, blocked, or empty.</param>
internal sealed record DispatchBatch(IReadOnlyList<DispatchStep> Steps, DispatchOutcome Outcome)
{
    /// <summary>The head that does not fit.</summary>
    public TaskSpec? Blocked { get; init; }

    /// <summary>The last task that can be dispatched.</summary>
    public TaskSpec? Last { get; init; }

    /// <summary>Where it goes.</summary>
    public string? LastNode => Steps.Count > 0 ? Steps[^1].Node : null;

    /// <summary>Why the head after the steps is no task that can be run; null when it is one.</summary>
    public string? Malformed { get; init; }

    /// <summary>How many can be dispatched.</summary>
    public int Count => Steps.Count;

    /// <summary>Decides. The hosts of the state are left as all steps would leave them: see <see cref="Undo"/>.</summary>
    /// <param name="state">The state.</param>
    /// <param name="weigher">Chooses among several feasible hosts.</param>
    /// <param name="most">How many heads to decide on.</param>
    public static DispatchBatch Plan(SchedulingState state, HostWeigher weigher, int most)
    {
        var hosts = state.Hosts;
        var steps = new List<DispatchStep>(Math.Min(state.Heads.Count, most));
        TaskSpec? last = null;
        foreach (var head in state.Heads)
        {
            if (steps.Count == most)
            {
                break;
            }

            if (!TryRead(head.Span, out var task, out var reason))
            {
                return new DispatchBatch(steps, DispatchOutcome.Dispatched) { Malformed = reason, Last = last };
            }

            var decision = hosts.Choose(task!.CpuUnits, weigher);
            if (decision.Kind != PlacementKind.Placed)
            {
                var outcome = decision.Kind == PlacementKind.NeverFits ? DispatchOutcome.NeverFits : DispatchOutcome.Blocked;
                return new DispatchBatch(steps, steps.Count > 0 ? DispatchOutcome.Dispatched : outcome) { Blocked = task, Last = last };
            }

            var host = hosts[decision.HostIndex];
            hosts[decision.HostIndex] = host.Plus(task.CpuUnits, decision.TakesSlot);
            var id = task.Id ?? Guid.NewGuid().ToString();
            steps.Add(new DispatchStep(
                head, task.Id is null ? WithId(head.Span, id) : head, id, host.NodeId, decision.HostIndex, task.CpuUnits, decision.TakesSlot,
                state.KeepsRecords(decision.HostIndex), task.Dispatch ?? ""));
            last = task;
        }

        return new DispatchBatch(steps, steps.Count > 0 ? DispatchOutcome.Dispatched : DispatchOutcome.Empty) { Last = last };
    }

    /// <summary>Takes the steps from one on back from the hosts that they were decided on: they were not carried out.</summary>
    public void Undo(SchedulingState state, int first)
    {
        for (var i = Steps.Count - 1; i >= first; i--)
        {
            var step = Steps[i];
            state.Hosts[step.HostIndex] = state.Hosts[step.HostIndex].Minus(step.Units, step.TakesSlot);
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> json, out TaskSpec? task, out string? reason)
    {
        try
        {
            task = TaskSpec.Parse(json, ControlKeys.Pending);
            task.Validate();
            reason = null;
            return true;
        }
        catch (TracekitException e)
        {
            task = null;
            reason = e.Message;
            return false;
        }
    }

    // What the dispatcher wrote stays as it is, unknown fields and all. The id comes last, for the last of two of a name counts.
    private static byte[] WithId(ReadOnlySpan<byte> json, string id)
    {
        var body = json[..json.LastIndexOf((byte)'}')].TrimEnd(" \t\r\n"u8);
        var separator = body is [.., (byte)'{'] ? "" : ",";
        return [.. body, .. Encoding.UTF8.GetBytes($"{separator}\"id\":\"{id}\"}}")];
    }
}
