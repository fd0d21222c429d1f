using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// Every error code of the client → what becomes of the record. Only what no waiting can mend is refused; rights and topics can be given by an operator
/// while records wait, so those are tried later, with the reason in the sink's state.
/// </summary>
internal static class KafkaErrors
{
    public static WriteStatus StatusOf(Error error) => error.IsError ? StatusOf(error.Code) : WriteStatus.Written;

    public static WriteStatus StatusOf(ErrorCode code) => code switch
    {
        ErrorCode.NoError => WriteStatus.Written,

        // The record itself: larger than the client or the topic takes, or not what the topic validates. A broker says "too large" of whole batches:
        // see IsAboutTheBatch.
        ErrorCode.MsgSizeTooLarge => WriteStatus.Refused,
        ErrorCode.RecordListTooLarge => WriteStatus.Refused,
        ErrorCode.InvalidRecord => WriteStatus.Refused,
        ErrorCode.InvalidTimestamp => WriteStatus.Refused,
        ErrorCode.Local_KeySerialization => WriteStatus.Refused,
        ErrorCode.Local_ValueSerialization => WriteStatus.Refused,

        // Everything else, codes of later client versions included: losing a record is worse than waiting. InvalidMsg belongs here: it means a damaged
        // checksum, which is the network's doing.
        _ => WriteStatus.TryLater,
    };

    /// <summary>
    /// Whether a broker says this of all records of the batch in which the client has sent them, although each alone might pass. The client takes no batch
    /// apart, as Java's does.
    /// </summary>
    public static bool IsAboutTheBatch(ErrorCode code) => code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge;
}
