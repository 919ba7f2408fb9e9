namespace Tracekit.Redis.Tests;

public sealed class InFlightGateTests
{
    [Fact]
    public async Task Who_comes_beyond_the_limit_waits_and_enters_in_order()
    {
        var gate = new InFlightGate(maxCommands: 1, maxBytes: 100);
        await Enter(gate, 1);
        var second = Enter(gate, 1);
        var third = Enter(gate, 1);
        Assert.False(second.IsCompleted);

        gate.Exit(1);

        await second;
        Assert.False(third.IsCompleted);
        Assert.Equal(1, gate.Count);
    }

    [Fact]
    public async Task Bytes_are_limited_too_and_one_that_is_larger_than_the_limit_goes_alone()
    {
        var gate = new InFlightGate(maxCommands: 10, maxBytes: 100);
        await Enter(gate, 60);
        var large = Enter(gate, 1000);
        Assert.False(large.IsCompleted);

        gate.Exit(60);

        await large;
        Assert.False(Enter(gate, 1).IsCompleted);
    }

    [Fact]
    public async Task Who_gives_up_takes_nothing()
    {
        var gate = new InFlightGate(maxCommands: 1, maxBytes: 100);
        await Enter(gate, 1);
        using var cancellation = new CancellationTokenSource();
        var given = Enter(gate, 1, cancellation.Token);
        var kept = Enter(gate, 1);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        gate.Exit(1);
        await kept;
        gate.Exit(1);

        Assert.Equal(0, gate.Count);
    }

    private static Task Enter(InFlightGate gate, int bytes, CancellationToken cancellation = default) => gate.EnterAsync(bytes, cancellation).AsTask();
}
