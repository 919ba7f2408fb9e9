using Tracekit.Containers.Wire;

namespace Tracekit.Containers.Tests;

public sealed class LogFrameReaderTests
{
    [Fact]
    public async Task Frames_are_told_apart()
    {
        var frames = await ReadAsync([1, 0, 0, 0, 0, 0, 0, 2, 65, 66, 2, 0, 0, 0, 0, 0, 0, 1, 67]);
        Assert.Equal([(LogSource.Output, "AB"), (LogSource.Error, "C")], frames);
    }

    [Fact]
    public async Task A_torn_frame_and_an_unknown_stream_are_faults()
    {
        await Assert.ThrowsAsync<EndOfStreamException>(() => ReadAsync([1, 0, 0, 0, 0, 0, 0, 2, 65]));
        await Assert.ThrowsAsync<EndOfStreamException>(() => ReadAsync([1, 0, 0]));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync([9, 0, 0, 0, 0, 0, 0, 0]));
    }

    [Fact]
    public async Task A_frame_that_promises_much_takes_no_memory_for_it() =>
        await Assert.ThrowsAsync<EndOfStreamException>(() => ReadAsync([1, 0, 0, 0, 255, 255, 255, 255, 65]));

    private static async Task<List<(LogSource Source, string Text)>> ReadAsync(byte[] bytes)
    {
        var frames = new List<(LogSource, string)>();
        await foreach (var frame in LogFrameReader.ReadFramesAsync(new MemoryStream(bytes), CancellationToken.None))
        {
            frames.Add((frame.Source, System.Text.Encoding.ASCII.GetString(frame.Bytes.Span)));
        }

        return frames;
    }
}
