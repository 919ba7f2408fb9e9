using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>What tells feasible hosts apart.</summary>
public enum WeigherMetric
{
    /// <summary>Nothing: the first host in ordinal order of the ids (first-fit).</summary>
    FirstFit,

    /// <summary>Tasks dispatched and not finished.</summary>
    Instances,

    /// <summary>Capacity units in use.</summary>
    Vcpu,
}

/// <summary>Which end of the metric wins.</summary>
public enum WeigherOrder
{
    /// <summary>The smallest: spreads the tasks.</summary>
    Min,

    /// <summary>The largest: packs them.</summary>
    Max,
}

/// <summary>Chooses among the hosts that a task fits (<c>--weigher</c>, <c>--weigher-order</c>).</summary>
/// <param name="Metric">What is compared.</param>
/// <param name="Order">Which end wins; ties go to the first node id in ordinal order.</param>
public readonly record struct HostWeigher(WeigherMetric Metric, WeigherOrder Order)
{
    /// <summary>First-fit.</summary>
    public static HostWeigher FirstFit => default;

    /// <summary>Reads the two flags: <c>""</c>, <c>instances</c> or <c>vcpu</c>; <c>min</c> or <c>max</c>.</summary>
    /// <exception cref="UsageException">A flag has another value.</exception>
    public static HostWeigher Parse(string weigher, string order) => new(
        weigher switch
        {
            "" => WeigherMetric.FirstFit,
            "instances" => WeigherMetric.Instances,
            "vcpu" => WeigherMetric.Vcpu,
            _ => throw new UsageException($"--weigher '{Printable.Line(weigher)}': use \"\", instances or vcpu"),
        },
        order switch
        {
            "min" => WeigherOrder.Min,
            "max" => WeigherOrder.Max,
            _ => throw new UsageException($"--weigher-order '{Printable.Line(order)}': use min or max"),
        });

    /// <summary>The host's value of the metric; 0 for first-fit, so that every host ties.</summary>
    public long Measure(in HostState host) => Metric switch
    {
        WeigherMetric.Instances => host.RunCount,
        WeigherMetric.Vcpu => host.CapacityTotal - host.CapacityFree,
        _ => 0,
    };

    /// <summary>What decides: the least of it wins.</summary>
    public long Rank(in HostState host) => Order == WeigherOrder.Min ? Measure(host) : -Measure(host);
}
