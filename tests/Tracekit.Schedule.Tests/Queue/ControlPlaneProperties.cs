using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Schedule.Tests.Queue;

/// <summary>What holds after every step of any sequence of submissions, dispatches and completions.</summary>
public sealed class ControlPlaneProperties
{
    private enum StepKind
    {
        Submit,
        Dispatch,
        Complete,
    }

    private readonly record struct Step(StepKind Kind, int Number);

    private readonly record struct Scenario(NodeRegistration[] Nodes, HostWeigher Weigher, Step[] Steps);

    private static readonly Gen<NodeRegistration[]> Nodes =
        (from units in Gen.Choose(1, 6)
         from slots in Gen.Elements<int?>(null, 1, 2)
         select (units, slots)).NonEmptyListOf().Select(nodes => nodes.Take(4).Select((n, i) => new NodeRegistration($"n{i}", n.units, n.slots, n.units)).ToArray());

    private static readonly Gen<HostWeigher> Weighers =
        from metric in Gen.Elements(WeigherMetric.FirstFit, WeigherMetric.Instances, WeigherMetric.Vcpu)
        from order in Gen.Elements(WeigherOrder.Min, WeigherOrder.Max)
        select new HostWeigher(metric, order);

    private static readonly Gen<Step> Steps =
        from kind in Gen.Elements(StepKind.Submit, StepKind.Submit, StepKind.Dispatch, StepKind.Dispatch, StepKind.Complete)
        from number in Gen.Choose(0, 5)
        select new Step(kind, number);

    private static readonly Gen<Scenario> Scenarios =
        from nodes in Nodes
        from weigher in Weighers
        from steps in Steps.ListOf()
        select new Scenario(nodes, weigher, [.. steps]);

    [Fact]
    public void Dispatch_is_in_order_within_capacity_and_never_leaves_a_head_that_fits()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(200), Prop.ForAll(Scenarios.ToArbitrary(), Holds));
    }

    private static bool Holds(Scenario scenario)
    {
        var control = new InProcessControlPlane();
        var model = new Model(control, scenario.Weigher);
        foreach (var node in scenario.Nodes)
        {
            Completed.Now(control.RegisterAsync(node, default));
        }

        return scenario.Steps.All(model.Step) && model.DrainsWhenEverythingCompletes();
    }

    private sealed class Model(InProcessControlPlane control, HostWeigher weigher)
    {
        private readonly List<(string Node, TaskSpec Task)> _running = [];
        private readonly Queue<TaskSpec> _pending = new();
        private int _submitted;

        public bool Step(Step step)
        {
            switch (step.Kind)
            {
                case StepKind.Submit:
                    var task = Sample.Task(_submitted++, 1 + step.Number);
                    _pending.Enqueue(task);
                    Completed.Now(control.PushAsync(task, default));
                    return WithinLimits();
                case StepKind.Dispatch:
                    return Dispatch() && WithinLimits();
                default:
                    return Complete(step.Number) && WithinLimits();
            }
        }

        public bool DrainsWhenEverythingCompletes()
        {
            while (_running.Count > 0)
            {
                Complete(0);
            }

            return Hosts().All(h => h.CapacityFree == h.CapacityTotal && h.RunCount == 0);
        }

        private bool Dispatch()
        {
            var before = Hosts();
            var result = Completed.Now(control.TryDispatchHeadAsync(weigher, default));
            if (_pending.Count == 0)
            {
                return result.Outcome == DispatchOutcome.Empty;
            }

            var feasible = before.Where(h => h.Fits(_pending.Peek().CpuUnits)).ToArray();
            if (feasible.Length == 0)
            {
                return result.Outcome is DispatchOutcome.Blocked or DispatchOutcome.NeverFits && result.Task == _pending.Peek();
            }

            // In order: the head and no other. Work-conserving: it fits, so it went. Weighed: none of the feasible has a better measure.
            var head = _pending.Dequeue();
            _running.Add((result.Node!, head));
            var measures = feasible.Select(h => weigher.Measure(h)).ToArray();
            var chosen = feasible.Single(h => h.NodeId == result.Node);
            return result.Outcome == DispatchOutcome.Dispatched
                && result.Task == head
                && weigher.Measure(chosen) == (weigher.Order == WeigherOrder.Min ? measures.Min() : measures.Max());
        }

        private bool Complete(int number)
        {
            if (_running.Count == 0)
            {
                return true;
            }

            var node = _running[number % _running.Count].Node;
            var taken = Completed.Now(control.TakeAsync(node, default));
            _running.Remove(_running.First(r => r.Node == node && r.Task == taken.Task));
            return Completed.Now(control.CompleteAsync(taken, TaskOutcome.Succeeded, null, default));
        }

        private bool WithinLimits() => Hosts().All(h =>
            h.CapacityFree >= 0
            && h.CapacityFree == h.CapacityTotal - _running.Where(r => r.Node == h.NodeId).Sum(r => r.Task.CpuUnits)
            && h.RunCount == _running.Count(r => r.Node == h.NodeId)
            && h.SlotsFree is null or >= 0);

        private HostState[] Hosts() => [.. Completed.Now(control.SnapshotAsync(default)).Nodes.Select(n => n.Host)];
    }
}
