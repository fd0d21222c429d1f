namespace Divolte.Grains.Journal.Redis.State;

/// <summary>Which store a process believes that it writes to. A write is refused by any other.</summary>
/// <param name="Life">Id of the server's life.</param>
/// <param name="Incarnation">See <see cref="IJournal.Incarnation"/>.</param>
/// <param name="Name">Random name of the store, made when it was made.</param>
/// <param name="Format">The format in which the cluster writes.</param>
/// <param name="Server">What the server said of itself.</param>
internal sealed record StoreIdentity(string Life, long Incarnation, string Name, int Format, Connecting.RedisServer Server);
