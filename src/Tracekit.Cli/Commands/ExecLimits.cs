using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Cli.Commands;

/// <summary>The control groups of the one program that <c>tracekit exec</c> runs; the one made for it is removed with this object.</summary>
internal sealed class ExecLimits : IDisposable
{
    private readonly ICpuController? _controller;
    private readonly ICpuGroup? _made;

    private ExecLimits(IReadOnlyList<IControlGroup> groups, ICpuController? controller = null, ICpuGroup? made = null)
    {
        Groups = groups;
        _controller = controller;
        _made = made;
    }

    /// <summary>What to put the program into, in this order.</summary>
    public IReadOnlyList<IControlGroup> Groups { get; }

    /// <summary>Makes them.</summary>
    /// <param name="share">Quota and weight; <c>default</c> for none.</param>
    /// <param name="given">
    /// Directory of an existing group, or null. Where that group has CPU limits of its own, ours are made below it, so that both hold.
    /// </param>
    /// <exception cref="UsageException">There is no such group.</exception>
    /// <exception cref="TracekitException">This machine lets us set no quota and weight: why, and what to do.</exception>
    public static ExecLimits Make(CpuShare share, string? given)
    {
        CgroupDirectory[] existing = given is null ? [] : [new CgroupDirectory(given)];
        foreach (var group in existing)
        {
            group.Check();
        }

        if (share == default)
        {
            return new ExecLimits(existing);
        }

        var isOfCpu = given is not null && (File.Exists($"{given}/cpu.max") || File.Exists($"{given}/cpu.shares"));
        var backEnd = CpuBackEnd.Choose(isOfCpu ? Path.GetFullPath(given!).TrimEnd('/') : null);
        if (!backEnd.Controller.CanLimit)
        {
            throw new TracekitException(
                $"cannot set a CPU quota or weight ({string.Join("; ", backEnd.Refused)}); run as root or in a delegated control group, or leave them out");
        }

        try
        {
            var made = backEnd.Controller.Create();
            made.SetShare(share);
            return new ExecLimits([.. existing, made], backEnd.Controller, made);
        }
        catch (TracekitException)
        {
            backEnd.Controller.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _made?.Dispose();
        _controller?.Dispose();
    }
}
