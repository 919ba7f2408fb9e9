using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>What a process can be put into.</summary>
public interface IControlGroup
{
    /// <summary>Moves a process in, with all its threads; what it forks from then on is in it too.</summary>
    /// <exception cref="TracekitException">The kernel refuses.</exception>
    void Add(int pid);
}
