namespace Divolte.Grains.Mapping.Script;

/// <summary>What one script may use while it is evaluated, so that no script can hold up or exhaust the process.</summary>
internal sealed class ScriptBudget
{
    /// <summary>Statements and expressions that are evaluated.</summary>
    public const int StepsMax = 2_000_000;

    /// <summary>Characters and list elements that are made, all in all.</summary>
    public const long SizeMax = 32_000_000;

    /// <summary>Calls of closures and methods within one another.</summary>
    public const int CallDepthMax = 100;

    private int _steps;
    private long _size;

    public int CallDepth { get; set; }

    /// <summary>Counts one step; false when they are used up.</summary>
    public bool TryStep() => ++_steps <= StepsMax;

    /// <summary>Counts what a value takes; false when it is too much.</summary>
    public bool TryTake(long size) => (_size += size) <= SizeMax;
}
