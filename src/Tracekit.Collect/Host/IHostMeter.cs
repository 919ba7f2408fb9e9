namespace Tracekit.Collect.Host;

/// <summary>One thing of a machine that is read at each tick.</summary>
internal interface IHostMeter : IDisposable
{
    /// <summary>Reads it and adds a line for it, where there is one.</summary>
    /// <param name="tsMs">The tick's time stamp, the same for all meters, in ms since the Unix epoch.</param>
    /// <param name="nowNs">The moment before the reading, in ns since the Unix epoch.</param>
    void Sample(long tsMs, long nowNs);
}
