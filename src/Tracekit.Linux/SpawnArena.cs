using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>
/// Memory that this process and its <see cref="Spawner"/> share, cut into slots; a slot holds all that one child needs before its program runs.
/// It is reserved once and takes up only what is used.
/// </summary>
internal static unsafe class SpawnArena
{
    /// <summary>Bytes of a slot: twice what Linux allows for arguments and environment by default.</summary>
    public const int SlotBytes = 4 * 1024 * 1024;

    /// <summary>How many children can be between their making and their program at once; more wait.</summary>
    public const int Slots = 32;

    private static readonly TimeSpan RentLimit = TimeSpan.FromSeconds(30);

    private const int ProtReadWrite = 3;
    private const int MapSharedAnonymousNoReserve = 0x1 | 0x20 | 0x4000;
    private const int MadvRemove = 9;
    private const int KeptBytes = 64 * 1024;

    private static readonly Stack<int> Free = new(Enumerable.Range(0, Slots).Reverse());

    /// <summary>Where it begins.</summary>
    public static nint Start { get; } = Map();

    /// <summary>Its length in bytes.</summary>
    public static nint Length => (nint)Slots * SlotBytes;

    /// <summary>Takes a slot; waits while all are taken, 30 s at most.</summary>
    /// <exception cref="TracekitException">None came free.</exception>
    public static Slot Rent()
    {
        lock (Free)
        {
            while (Free.Count == 0)
            {
                if (!Monitor.Wait(Free, RentLimit))
                {
                    throw new TracekitException($"{Slots} programs are between their making and their start, and none went on for {RentLimit.TotalSeconds} s");
                }
            }

            return new Slot(Free.Pop());
        }
    }

    private static nint Map()
    {
        var start = Libc.MMap(0, (nuint)Length, ProtReadWrite, MapSharedAnonymousNoReserve, -1, 0);
        return start != -1 ? start : throw new TracekitException($"no memory for starting programs: {Libc.LastError()}");
    }

    /// <summary>One slot; memory is taken from it front to back, and all of it given back at once.</summary>
    internal sealed class Slot(int index) : IDisposable
    {
        private readonly nint _start = Start + ((nint)index * SlotBytes);
        private int _used;
        private bool _isReturned;

        /// <summary>Takes zeroed memory, aligned for any value.</summary>
        /// <exception cref="TracekitException">The slot is full.</exception>
        public nint Zeroed(int bytes)
        {
            const int Alignment = 16;
            if (bytes > SlotBytes - _used - Alignment)
            {
                throw new TracekitException($"arguments and environment of a program take more than {SlotBytes / 1024} KiB");
            }

            var memory = _start + _used;
            new Span<byte>((void*)memory, bytes).Clear();
            _used += (bytes + Alignment - 1) / Alignment * Alignment;
            return memory;
        }

        public void Dispose()
        {
            if (_isReturned)
            {
                return;
            }

            _isReturned = true;
            if (_used > KeptBytes)
            {
                _ = Libc.MAdvise(_start + KeptBytes, SlotBytes - KeptBytes, MadvRemove);
            }

            lock (Free)
            {
                Free.Push(index);
                Monitor.Pulse(Free);
            }
        }
    }
}
