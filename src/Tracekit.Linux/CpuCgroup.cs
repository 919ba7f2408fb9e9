using System.Globalization;

namespace Tracekit.Linux;

/// <summary>A control group with the CPU controller, of either version. Its quota file stays open: another quota is one write(2).</summary>
internal sealed class CpuCgroup : ICpuGroup
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly bool _isVersion2;
    private readonly CgroupFile _quota;
    private CpuShare _share;
    private bool _isDisposed;

    /// <summary>An existing group.</summary>
    /// <param name="path">Its directory.</param>
    /// <param name="isVersion2">Which version.</param>
    /// <param name="share">What stands in its files; <c>default</c> for a new one.</param>
    /// <exception cref="Model.TracekitException">Its files cannot be written.</exception>
    public CpuCgroup(string path, bool isVersion2, CpuShare share = default)
    {
        _path = path;
        _isVersion2 = isVersion2;
        _share = share;
        _quota = CgroupFile.Open($"{path}/{CpuShareFiles.QuotaFile(isVersion2)}");
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Processes => CgroupProcesses.Of(_path);

    /// <inheritdoc/>
    public void Add(int pid) => CgroupFile.WriteOnce($"{_path}/cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public void SetShare(CpuShare share)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            foreach (var (file, text) in CpuShareFiles.Writes(_isVersion2, _share, share))
            {
                if (file == CpuShareFiles.QuotaFile(_isVersion2))
                {
                    _quota.Write(text);
                }
                else
                {
                    CgroupFile.WriteOnce($"{_path}/{file}", text);
                }
            }

            _share = share;
        }
    }

    /// <inheritdoc/>
    public void Kill() => CgroupProcesses.Kill(_path);

    /// <summary>Closes the open file and leaves the group to whoever made it.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _quota.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        CgroupSubtree.Remove(_path);
    }
}
