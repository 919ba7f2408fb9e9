using System.Text;
using Tracekit.Model;

namespace Tracekit.Linux.Tests;

public sealed class AppendFileTests
{
    [Fact]
    public void Two_writers_to_one_file_lose_nothing_and_tear_no_line()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("lines");

        Parallel.For(0, 4, writer =>
        {
            using var file = AppendFile.Open(path);
            for (var i = 0; i < 1000; i++)
            {
                file.Append(Encoding.ASCII.GetBytes($"{writer} {i} {new string('x', i % 100)}\n"));
            }
        });

        var lines = File.ReadAllLines(path);
        Assert.Equal(4000, lines.Length);
        Assert.Equal(4000, lines.Distinct().Count());
        Assert.All(lines, l => Assert.Matches("^[0-3] [0-9]{1,3} x*$", l));
    }

    [Fact]
    public void A_torn_last_line_of_a_killed_writer_spoils_no_other()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.Write("lines", "whole\nto");

        using (var file = AppendFile.Open(path))
        {
            file.Append("next\n"u8);
        }

        Assert.Equal("whole\nto\nnext\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_file_that_is_deleted_with_its_directory_is_made_anew()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("run/lines");
        Directory.CreateDirectory(directory.File("run"));
        using var file = AppendFile.Open(path);
        file.Append("before\n"u8);

        Directory.Delete(directory.File("run"), recursive: true);
        Wait.Until(() =>
        {
            file.Append("after\n"u8);
            return File.Exists(path);
        });

        Assert.Equal(1, file.RemadeCount);
        Assert.Equal("after\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_full_disk_is_told_in_one_line()
    {
        using var full = AppendFile.Open("/dev/full");

        var error = Assert.Throws<TracekitException>(() => full.Append("line\n"u8));

        Assert.Equal("/dev/full: cannot write: No space left on device", error.Message);
    }

    [Fact]
    public void A_directory_that_is_not_there_is_told_in_one_line()
    {
        var error = Assert.Throws<TracekitException>(() => AppendFile.Open("/nowhere/file"));

        Assert.Equal("/nowhere/file: cannot open for writing: No such file or directory", error.Message);
    }
}
