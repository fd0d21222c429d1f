namespace Divolte.Frontend;

/// <summary>The frontend of a grid. This release runs as one process, which serves HTTP itself.</summary>
internal static class Program
{
    private static int Main()
    {
        Console.Error.WriteLine("divolte: not started. This release has no grid of several processes; start Divolte.Silo, which serves HTTP itself.");
        return 1;
    }
}
