using System.Diagnostics;

namespace Tracekit.Linux.Tests;

public sealed class CloneCodeTests
{
    [Theory]
    [InlineData("x64", "as")]
    [InlineData("arm64", "aarch64-linux-gnu-as")]
    public void The_bytes_are_what_the_assembly_beside_them_assembles_to(string machine, string assembler)
    {
        var source = Path.Combine(Repository.Root, "src/Tracekit.Linux", $"CloneCode.{machine}.s");
        if (Executable.Find(assembler) is null)
        {
            // Without this machine's assembler only the presence of the source can be checked; the bytes run in every other test of this project.
            Assert.True(File.Exists(source));
            return;
        }

        using var directory = new TemporaryDirectory();
        using var process = Process.Start(assembler, [source, "-o", directory.File("code.o")]);
        process.WaitForExit();

        var text = File.ReadAllBytes(directory.File("code.o"));
        var expected = machine == "x64" ? CloneCode.X64 : CloneCode.Arm64;
        Assert.True(text.AsSpan().IndexOf(expected) > 0, "the assembled object does not hold the bytes");
    }
}
