namespace Divolte.Grains.Mapping;

/// <summary>The compiled actions of one mapping, run in order for every event. Immutable; made once at start.</summary>
/// <param name="actions">The actions of all <c>mapping</c> blocks.</param>
/// <param name="cacheSlots">How many values it shares between actions; see <see cref="EventScratch"/>.</param>
internal sealed class MappingProgram(IReadOnlyList<MappingAction> actions, int cacheSlots)
{
    private readonly MappingAction[] _actions = [.. actions];

    public int CacheSlots { get; } = cacheSlots;

    /// <summary>Sets the fields of an event. False when it failed; the reason is in <see cref="EventScratch.Failure"/>.</summary>
    public bool Run(in MappedEvent mapped) => RunAll(_actions, mapped) != Flow.Failed;

    /// <summary>Runs actions until one says otherwise.</summary>
    internal static Flow RunAll(MappingAction[] actions, in MappedEvent mapped)
    {
        foreach (var action in actions)
        {
            var flow = action.Run(mapped);
            if (mapped.Scratch.Failure is not null)
                return Flow.Failed;
            if (flow != Flow.Continue)
                return flow;
        }
        return Flow.Continue;
    }
}

/// <summary>Where a program goes on after an action.</summary>
internal enum Flow : byte
{
    /// <summary>With the next action.</summary>
    Continue,

    /// <summary>Behind the innermost section.</summary>
    Exit,

    /// <summary>Nowhere: the record is made of what is set.</summary>
    Stop,

    /// <summary>Nowhere, and there will be no record.</summary>
    Failed,
}
