namespace Tracekit.Schedule;

/// <summary>
/// The pseudo-random numbers behind <c>--seed</c>: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014),
/// written out here so that a seed gives the same sequence on every machine and in every release. All arithmetic is modulo 2^64.
/// </summary>
/// <remarks>
/// <code>
/// next():      state += 0x9E3779B97F4A7C15
///              z = state;  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;  z = (z ^ (z >> 27)) * 0x94D049BB133111EB
///              return z ^ (z >> 31)
/// below(n):    reject = (2^64 - n) mod n;  repeat r = next() until r >= reject;  return r mod n      (every value equally likely)
/// shuffle(a):  for i = length(a) - 1 down to 1:  swap a[i] and a[below(i + 1)]                        (Fisher-Yates)
/// </code>
/// The state starts as the seed.
/// </remarks>
/// <param name="seed">The starting state.</param>
public sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 up to, not including, <paramref name="bound"/>, without bias.</summary>
    public ulong Below(ulong bound)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bound);
        var reject = (0 - bound) % bound;
        ulong draw;
        do
        {
            draw = Next();
        }
        while (draw < reject);
        return draw % bound;
    }

    /// <summary>Puts <paramref name="items"/> into random order, in place.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = (int)Below((ulong)(i + 1));
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
