namespace Tracekit.Trace.Tasks;

/// <summary>
/// Whole-number arithmetic on CPU time, in which nothing is lost to rounding and nothing wraps around on a hostile trace.
/// </summary>
internal static class Amount
{
    /// <summary>The sum of two non-negative amounts, or the largest long.</summary>
    public static long Add(long a, long b)
    {
        var sum = unchecked(a + b);
        return sum < 0 ? long.MaxValue : sum;
    }

    /// <summary>The product of two non-negative numbers, or the largest long.</summary>
    public static long Multiply(long a, long b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high == 0 && low >= 0 ? low : long.MaxValue;
    }

    /// <summary>
    /// The share of <paramref name="amount"/> for the stretch from <paramref name="done"/> to <paramref name="done"/> + <paramref
    /// name="part"/> of
    /// <paramref name="total"/>. Over stretches that tile the total, the shares add up to the amount exactly.
    /// </summary>
    public static long Share(long amount, long done, long part, long total) => Below(amount, done + part, total) - Below(amount, done, total);

    private static long Below(long amount, long part, long total)
    {
        var high = Math.BigMul(amount, part, out var low);
        return high == 0 && low >= 0 ? low / total : (long)((Int128)amount * part / total);
    }
}
