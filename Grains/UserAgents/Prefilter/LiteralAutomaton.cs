using System.Runtime.CompilerServices;

namespace Divolte.Grains.UserAgents.Prefilter;

/// <summary>
/// Finds which of many short texts occur in a text, whatever their case, in one pass over it (Aho and Corasick's automaton with all transitions filled in).
/// The texts hold lower-case ASCII only.
/// </summary>
internal sealed class LiteralAutomaton
{
    /// <summary>The one character outside ASCII that .NET's patterns take for an ASCII letter when case is ignored: the sign of the unit kelvin.</summary>
    private const char Kelvin = '\u212a';

    /// <summary>
    /// A text that repeats what the rules look for more often than this is made to keep them busy: what they do grows with the square of it. Of 20,000 real
    /// headers none comes near.
    /// </summary>
    public const int RepetitionsMax = 150;

    private readonly byte[] _classes = new byte[128];
    private readonly int _classCount;
    private readonly ushort[] _next;

    /// <summary>Per state the number of the literal that ends there, or -1, and the next shorter state at which one ends, or 0.</summary>
    private readonly int[] _ending;

    private readonly ushort[] _shorter;

    public LiteralAutomaton(IReadOnlyList<string> literals)
    {
        Count = literals.Count;
        _classCount = 1 + AssignClasses(literals);
        var stateMax = 1 + literals.Sum(literal => literal.Length);
        if (stateMax > ushort.MaxValue)
            throw new InvalidDataException($"The user-agent rules have {stateMax} characters of literals; at most {ushort.MaxValue} fit.");

        _next = new ushort[stateMax * _classCount];
        _ending = new int[stateMax];
        Array.Fill(_ending, -1);
        _shorter = new ushort[stateMax];
        var stateCount = AddPaths(literals);
        Array.Resize(ref _next, stateCount * _classCount);
        Link(stateCount);
    }

    /// <summary>How many literals there are; their numbers run from 0.</summary>
    public int Count { get; }

    /// <summary>Sets the bit of each literal that occurs in the text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="found">One bit per literal, all clear.</param>
    /// <returns>How many characters of the text hold no more than <see cref="RepetitionsMax"/> repetitions of literals.</returns>
    public int Scan(ReadOnlySpan<char> text, Span<ulong> found)
    {
        var classes = _classes;
        var next = _next;
        var state = 0;
        var repetitions = 0;
        var usualLength = text.Length;
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            var characterClass = character < 128 ? classes[character] : character == Kelvin ? classes['k'] : 0;
            state = next[state * _classCount + characterClass];
            for (var ending = _ending[state] >= 0 ? state : _shorter[state]; ending != 0; ending = _shorter[ending])
            {
                var literal = _ending[ending];
                var bit = 1UL << (literal & 63);
                if ((found[literal >> 6] & bit) != 0 && ++repetitions == RepetitionsMax)
                    usualLength = index + 1;
                found[literal >> 6] |= bit;
            }
        }
        return usualLength;
    }

    private int AssignClasses(IReadOnlyList<string> literals)
    {
        var count = 0;
        foreach (var character in literals.SelectMany(literal => literal))
        {
            if (_classes[character] != 0)
                continue;
            _classes[character] = (byte)++count;
        }
        for (var upper = 'A'; upper <= 'Z'; upper++)
            _classes[upper] = _classes[char.ToLowerInvariant(upper)];
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // runs once, over millions of transitions
    private int AddPaths(IReadOnlyList<string> literals)
    {
        ushort stateCount = 1;
        for (var number = 0; number < literals.Count; number++)
        {
            var state = 0;
            foreach (var character in literals[number])
            {
                ref var next = ref _next[state * _classCount + _classes[character]];
                if (next == 0)
                    next = stateCount++;
                state = next;
            }
            _ending[state] = number;
        }
        return stateCount;
    }

    /// <summary>Fills in, level by level, where a state goes when its own path ends: where its longest proper suffix goes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // as above
    private void Link(int stateCount)
    {
        var suffixes = new ushort[stateCount];
        var queue = new Queue<ushort>();
        for (var characterClass = 1; characterClass < _classCount; characterClass++)
        {
            if (_next[characterClass] is not 0 and var child)
                queue.Enqueue(child);
        }
        while (queue.TryDequeue(out var state))
        {
            var suffix = suffixes[state];
            _shorter[state] = _ending[suffix] >= 0 ? suffix : _shorter[suffix];
            for (var characterClass = 0; characterClass < _classCount; characterClass++)
            {
                ref var next = ref _next[state * _classCount + characterClass];
                var fallback = _next[suffix * _classCount + characterClass];
                if (next == 0)
                {
                    next = fallback;
                    continue;
                }
                suffixes[next] = fallback;
                queue.Enqueue(next);
            }
        }
    }
}
