namespace Divolte.TestKit.Visitors;

/// <summary>One record as a sink delivered it.</summary>
/// <param name="Number">Number of the event.</param>
/// <param name="PartyId">Its party.</param>
/// <param name="IsDuplicate">Its flag.</param>
public readonly record struct DeliveredEvent(long Number, string PartyId, bool IsDuplicate);

/// <summary>Compares what was sent with what a sink delivered.</summary>
public static class DeliveryComparison
{
    /// <summary>Every breach of a promise, as text; empty when all are kept.</summary>
    /// <param name="sent">What the visitors know.</param>
    /// <param name="delivered">The records, of each party in the order of delivery.</param>
    /// <param name="isExactlyOnce">Whether the sink promises that no record comes twice.</param>
    /// <param name="isOrdered">Whether each party's order is promised: between frontends it is not while one of them has a spool.</param>
    public static IReadOnlyList<string> FindBreaches(
        SentEvents sent, IReadOnlyList<DeliveredEvent> delivered, bool isExactlyOnce, bool isOrdered = true)
    {
        var breaches = new List<string>();
        var byNumber = delivered.ToLookup(d => d.Number);
        foreach (var unknown in delivered.Where(d => d.Number < 0).Take(3))
            breaches.Add($"a record of party {unknown.PartyId} was never sent");
        foreach (var sentEvent in sent.All)
            breaches.AddRange(BreachesOf(sentEvent, [.. byNumber[sentEvent.Beacon.Number]], isExactlyOnce));
        if (isOrdered)
            breaches.AddRange(OrderBreaches(delivered));
        return breaches;
    }

    private static IEnumerable<string> BreachesOf(SentEvent sent, DeliveredEvent[] records, bool isExactlyOnce)
    {
        var number = sent.Beacon.Number;
        var firstSights = records.Count(r => !r.IsDuplicate);
        if (sent.Acknowledged > 0 && records.Length == 0)
            yield return $"event {number} is lost: acknowledged {sent.Acknowledged} times, no record";
        else if (records.Length < sent.Acknowledged)
            yield return $"event {number} was acknowledged {sent.Acknowledged} times, but has {records.Length} records";
        if (records.Length > 0 && firstSights == 0)
            yield return $"event {number} has {records.Length} records, all flagged: a first sight was taken for a repetition";
        if (!isExactlyOnce)
            yield break;
        if (firstSights > 1)
            yield return $"event {number} has {firstSights} records without flag: a repetition was missed, or a record came twice";
        if (records.Length > sent.Sends)
            yield return $"event {number} was sent {sent.Sends} times, but has {records.Length} records";
    }

    private static IEnumerable<string> OrderBreaches(IReadOnlyList<DeliveredEvent> delivered)
    {
        // A visitor numbers its events upwards and waits for each acknowledgement, so first sights of one party must come in that order.
        foreach (var party in delivered.Where(d => !d.IsDuplicate).GroupBy(d => d.PartyId))
        {
            long last = -1;
            var seen = new HashSet<long>();
            foreach (var record in party)
            {
                if (!seen.Add(record.Number))
                    continue; // a repeated delivery, counted above where that is a breach
                if (record.Number < last)
                {
                    yield return $"party {party.Key}: event {record.Number} came after {last}";
                    break;
                }
                last = record.Number;
            }
        }
    }
}
