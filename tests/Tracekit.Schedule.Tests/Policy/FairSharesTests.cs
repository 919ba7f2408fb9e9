using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Schedule.Tests.Policy;

public sealed class FairSharesTests
{
    private const double Epsilon = 1e-9;

    public static TheoryData<string, double, ShareRequest[], double[]> Cases => new()
    {
        { "nobody", 4, [], [] },
        { "equal", 4, [new(1, 4), new(1, 4)], [2, 2] },
        { "by weight", 4, [new(1, 4), new(3, 4)], [1, 3] },
        { "what one leaves the others get", 4, [new(1, 0.5), new(1, 4), new(2, 4)], [0.5, 3.5 / 3, 7.0 / 3] },
        { "room for all", 8, [new(1, 2), new(2, 3)], [2, 3] },
        { "nothing to share", 0, [new(1, 2)], [0] },
        { "one that wants nothing", 2, [new(5, 0), new(1, 9)], [0, 2] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Cores_are_shared_by_water_filling(string name, double capacity, ShareRequest[] requests, double[] expected)
    {
        Assert.NotEmpty(name);
        Assert.Equal(expected, FairShares.Share(capacity, requests), (a, b) => Math.Abs(a - b) < Epsilon);
    }

    [Fact]
    public void Shares_are_max_min_fair_and_use_all_that_is_wanted()
    {
        var request = from weight in Gen.Choose(1, 8)
                      from demand in Gen.Choose(0, 64)
                      select new ShareRequest(weight, demand / 8.0);
        var requests = request.ListOf().Select(r => r.ToArray()).ToArbitrary();
        var capacity = Gen.Choose(0, 128).Select(c => c / 8.0).ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(requests, capacity, IsMaxMinFair));
    }

    // Who gets less than it can use must have, by weight, at least as much as everybody else.
    private static bool IsMaxMinFair(ShareRequest[] requests, double capacity)
    {
        var shares = FairShares.Share(capacity, requests);
        var levels = shares.Zip(requests, (share, r) => share / r.Weight).ToArray();
        var withinDemand = shares.Zip(requests, (share, r) => share >= 0 && share <= r.DemandCores + Epsilon).All(ok => ok);
        var allUsed = Math.Abs(shares.Sum() - Math.Min(capacity, requests.Sum(r => r.DemandCores))) < Epsilon;
        var fair = requests.Select((r, i) => shares[i] > r.DemandCores - Epsilon || levels.All(level => levels[i] >= level - Epsilon)).All(ok => ok);
        return withinDemand && allUsed && fair;
    }
}
