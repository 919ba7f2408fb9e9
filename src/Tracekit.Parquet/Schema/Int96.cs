using System.Runtime.InteropServices;

namespace Tracekit.Parquet;

/// <summary>A deprecated twelve-byte value, as it lies in the file: in the files that have it, a time.</summary>
/// <param name="NanosOfDay">Nanoseconds since midnight.</param>
/// <param name="JulianDay">The Julian day number; 2440588 is 1970-01-01.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct Int96(long NanosOfDay, int JulianDay);
