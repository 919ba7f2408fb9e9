using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Policy;

public sealed class CapacityUnitsTests
{
    [Theory]
    [InlineData(0, 1.0, 4, 4)]
    [InlineData(0, 1.5, 3, 4)]
    [InlineData(0, 1.25, 4, 5)]
    [InlineData(0, 1.15, 20, 23)]
    [InlineData(0, 0.1, 4, 1)]
    [InlineData(6, 1.5, 4, 6)]
    public void Capacity_is_what_is_set_else_ratio_times_cores_rounded_down(int set, double ratio, int cores, int units) =>
        Assert.Equal(units, CapacityUnits.Of(set, ratio, cores));

    [Theory]
    [InlineData(-1, 1.0)]
    [InlineData(65537, 1.0)]
    [InlineData(0, 0.0)]
    [InlineData(0, -1.0)]
    [InlineData(0, 1000.5)]
    [InlineData(0, double.NaN)]
    public void Flags_out_of_range_are_refused(int set, double ratio) => Assert.Throws<UsageException>(() => CapacityUnits.Of(set, ratio, 4));

    [Fact]
    public void A_profile_that_fits_no_node_is_refused_before_the_run()
    {
        var task = Sample.Task(units: 4) with { Profile = "hevc1080p" };

        var error = Assert.Throws<UsageException>(() => Admission.Check([Sample.Task(), task], [1, 2]));

        Assert.Equal(
            "hevc1080p needs 4 units but the largest node offers 2: raise --allocation-ratio or --capacity-units, or leave the profile out",
            error.Message);
    }

    [Fact]
    public void A_task_that_fits_the_largest_node_is_admitted() => Admission.Check([Sample.Task(units: 4)], [1, 4]);
}
