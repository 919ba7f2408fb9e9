namespace Tracekit.Schedule.Tests;

/// <summary>Results of calls that have nothing to wait for.</summary>
internal static class Completed
{
    public static T Now<T>(ValueTask<T> call)
    {
        Assert.True(call.IsCompletedSuccessfully);
        return call.Result;
    }

    public static void Now(ValueTask call) => Assert.True(call.IsCompletedSuccessfully);
}
