using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// What <see cref="TopicProducer"/> calls of the C library that Confluent.Kafka brings: its managed layer makes several objects for every message and its
/// report, which costs more than sending it.
/// </summary>
internal static unsafe partial class Librdkafka
{
    private const string Name = "librdkafka";
    private const int ProducerType = 0;
    private const int TextMax = 512;

    /// <summary>The builds in the package: for most systems, for those with fewer libraries, for those with another C library.</summary>
    private static readonly string[] Builds = [Name, "centos8-librdkafka", "alpine-librdkafka"];

    static Librdkafka() => NativeLibrary.SetDllImportResolver(typeof(Librdkafka).Assembly, Resolve);

    /// <summary>Makes a producer; what calls back gets the context by <see cref="ContextOf"/>, or as its last argument.</summary>
    /// <exception cref="KafkaException">A property, or all of them together, are refused.</exception>
    public static nint NewProducer(
        IReadOnlyDictionary<string, string> properties,
        delegate* unmanaged[Cdecl]<nint, Message*, nint, void> report,
        delegate* unmanaged[Cdecl]<nint, int, byte*, nint, void> error,
        delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, void> log,
        nint context)
    {
        var configuration = NewConfiguration();
        var text = stackalloc byte[TextMax];
        foreach (var (name, value) in properties)
        {
            if (Set(configuration, name, value, text, TextMax) == 0)
                continue;
            Destroy(configuration);
            throw Refused(text);
        }
        SetReport(configuration, report);
        SetError(configuration, error);
        SetLog(configuration, log);
        SetContext(configuration, context);
        var producer = New(ProducerType, configuration, text, TextMax);
        if (producer != 0)
            return producer;
        Destroy(configuration); // the library takes it only with success
        throw Refused(text);
    }

    /// <summary>Code and text of a failure, which is freed.</summary>
    public static Error Take(nint failure)
    {
        var error = new Error((ErrorCode)CodeOf(failure), TextOf(TextOfFailure(failure)));
        FreeFailure(failure);
        return error;
    }

    /// <summary>The error behind <see cref="ErrorCode.Local_Fatal"/>.</summary>
    public static string FatalOf(nint producer)
    {
        var text = stackalloc byte[TextMax];
        return Fatal(producer, text, TextMax) == 0 ? "fatal error" : TextOf(text);
    }

    public static string TextOf(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    /// <summary>Hands a message over. 0, or a failure: see <see cref="Take"/>.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_produceva")]
    public static partial nint Produce(nint producer, Part* parts, nuint count);

    /// <summary>Calls back what there is to call, or waits for it so many milliseconds.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_poll")]
    public static partial int Poll(nint producer, int milliseconds);

    [LibraryImport(Name, EntryPoint = "rd_kafka_flush")]
    public static partial int Flush(nint producer, int milliseconds);

    [LibraryImport(Name, EntryPoint = "rd_kafka_topic_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint NewTopic(nint producer, string name, nint configuration);

    [LibraryImport(Name, EntryPoint = "rd_kafka_topic_destroy")]
    public static partial void DestroyTopic(nint topic);

    [LibraryImport(Name, EntryPoint = "rd_kafka_destroy")]
    public static partial void DestroyProducer(nint producer);

    [LibraryImport(Name, EntryPoint = "rd_kafka_opaque")]
    public static partial nint ContextOf(nint producer);

    [LibraryImport(Name, EntryPoint = "rd_kafka_name")]
    public static partial byte* NameOf(nint producer);

    /// <summary>The code of what went wrong in the last call of this thread that says no more.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_last_error")]
    public static partial int LastError();

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_new")]
    private static partial nint NewConfiguration();

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_destroy")]
    private static partial void Destroy(nint configuration);

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(nint configuration, string name, string value, byte* text, nuint textMax);

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_set_dr_msg_cb")]
    private static partial void SetReport(nint configuration, delegate* unmanaged[Cdecl]<nint, Message*, nint, void> report);

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_set_error_cb")]
    private static partial void SetError(nint configuration, delegate* unmanaged[Cdecl]<nint, int, byte*, nint, void> error);

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_set_log_cb")]
    private static partial void SetLog(nint configuration, delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, void> log);

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_set_opaque")]
    private static partial void SetContext(nint configuration, nint context);

    [LibraryImport(Name, EntryPoint = "rd_kafka_new")]
    private static partial nint New(int type, nint configuration, byte* text, nuint textMax);

    [LibraryImport(Name, EntryPoint = "rd_kafka_fatal_error")]
    private static partial int Fatal(nint producer, byte* text, nuint textMax);

    [LibraryImport(Name, EntryPoint = "rd_kafka_error_code")]
    private static partial int CodeOf(nint failure);

    [LibraryImport(Name, EntryPoint = "rd_kafka_error_string")]
    private static partial byte* TextOfFailure(nint failure);

    [LibraryImport(Name, EntryPoint = "rd_kafka_error_destroy")]
    private static partial void FreeFailure(nint failure);

    private static KafkaException Refused(byte* text) => new(new Error(ErrorCode.Local_InvalidArg, TextOf(text)));

    /// <summary>The build that Confluent.Kafka finds too: the first that this system can load.</summary>
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Name)
            return 0;
        foreach (var build in RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? Builds.Reverse() : Builds)
        {
            if (NativeLibrary.TryLoad(build, typeof(Error).Assembly, searchPath: null, out var library))
                return library;
        }
        return 0;
    }

    /// <summary><c>rd_kafka_message_t</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 72)]
    public struct Message
    {
        [FieldOffset(0)]
        public int Error;

        [FieldOffset(32)]
        public nuint ValueLength;

        [FieldOffset(48)]
        public nuint KeyLength;

        /// <summary>What was given to it as <see cref="Part.Tag"/>.</summary>
        [FieldOffset(64)]
        public ulong Tag;
    }

    /// <summary><c>rd_kafka_vu_t</c>: a part of a message that is handed over.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 72)]
    public struct Part
    {
        [FieldOffset(0)]
        private int _kind;

        [FieldOffset(8)]
        private ulong _number;

        [FieldOffset(16)]
        private nuint _length;

        public static Part Topic(nint topic) => new() { _kind = 2, _number = (ulong)topic };

        public static Part Value(byte* bytes, int length) => new() { _kind = 4, _number = (ulong)bytes, _length = (nuint)length };

        public static Part Key(byte* bytes, int length) => new() { _kind = 5, _number = (ulong)bytes, _length = (nuint)length };

        /// <summary>Comes back with the report.</summary>
        public static Part Tag(ulong tag) => new() { _kind = 6, _number = tag };

        /// <summary>The library copies the value; it always copies the key.</summary>
        public static Part Copied() => new() { _kind = 7, _number = 2 };

        public static Part Timestamp(long milliseconds) => new() { _kind = 8, _number = (ulong)milliseconds };
    }
}
