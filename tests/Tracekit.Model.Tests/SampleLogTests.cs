using System.Text;

namespace Tracekit.Model.Tests;

public sealed class SampleLogTests : ILineSink
{
    private readonly List<string> _appended = [];
    private bool _isFull;

    void ILineSink.Append(ReadOnlySpan<byte> lines)
    {
        if (_isFull)
        {
            throw new TracekitException("file: No space left on device");
        }

        _appended.Add(Encoding.UTF8.GetString(lines));
    }

    [Fact]
    public void A_batch_is_written_in_one_piece()
    {
        var log = new SampleLog(this);

        using (var batch = log.Begin())
        {
            batch.Append(new ProcessSample(1, 2, 3, 4, 5));
            batch.Append(new ProcessSample(1, 3, 3, 4, 5));
        }

        Assert.Equal(2, Assert.Single(_appended).Count(c => c == '\n'));
    }

    [Fact]
    public void A_batch_larger_than_the_buffer_loses_nothing()
    {
        var log = new SampleLog(this);

        using (var batch = log.Begin())
        {
            for (var i = 0; i < 10_000; i++)
            {
                batch.Append(new ProcessSample(i, 2, 3, 4, 5, 6));
            }
        }

        Assert.Equal(10_000, _appended.Sum(a => a.Count(c => c == '\n')));
        Assert.All(_appended, a => Assert.EndsWith("}\n", a, StringComparison.Ordinal));
    }

    [Fact]
    public void What_cannot_be_written_is_counted_and_later_samples_are_written_again()
    {
        var log = new SampleLog(this);

        _isFull = true;
        log.Append(new ProcessSample(1, 2, 3, 4, 5));
        _isFull = false;
        log.Append(new ProcessSample(2, 2, 3, 4, 5));

        Assert.Equal((1, "file: No space left on device"), (log.DroppedCount, log.DropReason));
        Assert.StartsWith("{\"ts_ms\": 2", Assert.Single(_appended), StringComparison.Ordinal);
    }
}
