using FsCheck.Fluent;
using FsCheck;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Policy;

public sealed class CoreAllocatorTests
{
    // Two sockets of two cores of two threads, numbered as Linux does: 0-3 first threads, 4-7 second ones.
    private static readonly LogicalCpu[] Smt =
    [
        new(0, 0, 0), new(1, 1, 0), new(2, 0, 1), new(3, 1, 1),
        new(4, 0, 0), new(5, 1, 0), new(6, 0, 1), new(7, 1, 1),
    ];

    private static readonly LogicalCpu[] TwoCores = [new(0, 0, 0), new(1, 1, 0)];

    [Theory]
    [InlineData("", 2, "0,4")]
    [InlineData("0,4", 2, "1,5")]
    [InlineData("", 1, "0")]
    [InlineData("0", 1, "4")]
    [InlineData("0", 2, "1,5")]
    [InlineData("0", 3, "1,4-5")]
    [InlineData("", 4, "0-1,4-5")]
    [InlineData("0", 4, "2-3,6-7")]
    [InlineData("0,4 1,5", 2, "2,6")]
    [InlineData("0 2 3", 5, "1,4-7")]
    [InlineData("", 8, "0-7")]
    public void A_task_gets_free_cores_whole_ones_first_and_from_one_socket_if_it_can(string held, int units, string cpus) =>
        Assert.Equal((cpus, false), Allocate(Smt, held, units));

    [Theory]
    [InlineData("0", 2, "0-1")]
    [InlineData("0 1 0", 1, "1")]
    [InlineData("0-1", 1, "0")]
    [InlineData("", 3, "0-1")]
    public void With_more_units_than_free_cores_the_least_loaded_are_shared_and_it_says_so(string held, int units, string cpus) =>
        Assert.Equal((cpus, true), Allocate(TwoCores, held, units));

    [Theory]
    [InlineData("", false)]
    [InlineData("0", false)]
    [InlineData("1", true)]
    public void A_cpuset_of_the_task_is_honoured_as_it_is(string held, bool overcommitted)
    {
        var allocation = CoreAllocator.Allocate(TwoCores, Sets(held), 2, Sets("1")[0]);

        Assert.Equal(("1", overcommitted), (allocation.Cpus.ToString(), allocation.Overcommitted));
    }

    [Fact]
    public void A_cpuset_that_the_node_does_not_have_is_refused() =>
        Assert.Equal(
            "cpuset 1-3: this node has no CPU 2-3, tasks may use 0-1",
            Assert.Throws<TracekitException>(() => CoreAllocator.Allocate(TwoCores, [], 1, Sets("1-3")[0])).Message);

    [Fact]
    public void Tasks_overlap_only_when_the_result_says_so()
    {
        var topology = (from packages in Gen.Choose(1, 3)
                        from cores in Gen.Choose(1, 4)
                        from threads in Gen.Choose(1, 2)
                        select Machine(packages, cores, threads)).ToArbitrary();
        var units = Gen.Choose(1, 6).ListOf().ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(topology, units, (cpus, tasks) =>
        {
            List<CpuSet> held = [];
            foreach (var task in tasks)
            {
                var free = cpus.Length - held.SelectMany(h => h.Cpus).Distinct().Count();
                var allocation = CoreAllocator.Allocate(cpus, held, task);
                var overlaps = held.Any(allocation.Cpus.Overlaps);
                if (allocation.Overcommitted != (free < task) || (overlaps && !allocation.Overcommitted) || allocation.Cpus.Count != Math.Min(task, cpus.Length))
                {
                    return false;
                }

                held.Add(allocation.Cpus);
            }

            return true;
        }));
    }

    private static LogicalCpu[] Machine(int packages, int cores, int threads) =>
        [.. from thread in Enumerable.Range(0, threads)
            from package in Enumerable.Range(0, packages)
            from core in Enumerable.Range(0, cores)
            select new LogicalCpu((thread * packages * cores) + (package * cores) + core, core, package)];

    private static (string Cpus, bool Overcommitted) Allocate(LogicalCpu[] topology, string held, int units)
    {
        var allocation = CoreAllocator.Allocate(topology, Sets(held), units);
        return (allocation.Cpus.ToString(), allocation.Overcommitted);
    }

    private static CpuSet[] Sets(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => CpuSet.TryParse(t, out var set) ? set : throw new ArgumentException(t))];
}
