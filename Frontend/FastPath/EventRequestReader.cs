using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using Divolte.Frontend.Requests;
using Divolte.Frontend.Submission;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Divolte.Frontend.FastPath;

/// <summary>
/// What the HTTP server reads its requests from. While the server waits for the next one, those that <see cref="EventFastPath"/> can take are answered here and
/// never shown to it. A plain request for something else is shown, and the path goes on behind it; with anything else the connection is the server's for good.
/// </summary>
/// <remarks>
/// The server reads only between requests and within bodies, so that what is written here is never in the middle of an answer of its own. It cannot know how
/// long a connection has been idle of which it sees only some requests: that is measured here.
/// </remarks>
internal sealed class EventRequestReader : PipeReader
{
    /// <summary>A head that is not whole by then is the server's, which has a time limit for those.</summary>
    private const int HeadMillisecondsMax = 1000;

    private readonly EventFastPath _path;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly IPAddress? _peer;

    private bool _isServing = true;
    private ReadOnlySequence<byte> _shown;
    private long _shownLength;

    // Read by the heartbeat, on another thread.
    private long _waitsSince;
    private volatile bool _isWithinHead;
    private volatile bool _isFlushing;
    private volatile bool _isIdle;

    public EventRequestReader(EventFastPath path, ConnectionContext connection)
    {
        _path = path;
        _input = connection.Transport.Input;
        _output = connection.Transport.Output;
        _peer = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static reader => ((EventRequestReader)reader).OnHeartbeat(), this);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_isIdle)
            return new ValueTask<ReadResult>(new ReadResult(default, isCanceled: false, isCompleted: true));
        if (_isServing)
            return ServeAsync(cancellationToken);
        BeginWaiting();
        return _input.ReadAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        result = default;
        return !_isServing && _input.TryRead(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_isIdle)
            return; // the connection ends, nothing is read any more
        EndWaiting();
        if (_shownLength > 0)
        {
            // The server has taken the plain request whole, so that it reads again only for the next one.
            _isServing = _shown.Slice(0, consumed).Length == _shownLength;
            _shown = default;
            _shownLength = 0;
        }
        _input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead()
    {
        _input.CancelPendingRead();
        // Whoever does not read its answers must not keep a connection that is to end.
        if (_isFlushing)
            _output.CancelPendingFlush();
    }

    public override void Complete(Exception? exception = null) => _input.Complete(exception);

    /// <summary>Answers events until there is something for the server: another request, or the end.</summary>
    private async ValueTask<ReadResult> ServeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_isWithinHead)
                BeginWaiting();
            var read = await _input.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (!rest.IsEmpty && !read.IsCanceled)
            {
                var status = Begin(rest, out var length, out var submission);
                if (status == HeadStatus.Incomplete && rest.Length < RequestHead.LengthMax)
                    break;
                if (submission is not { } begun)
                    return Show(rest, read, status == HeadStatus.Plain ? length : 0);
                rest = rest.Slice(length);
                _isWithinHead = false;
                if (!await AnswerAsync(begun))
                    return new ReadResult(rest.Slice(rest.End), isCanceled: false, isCompleted: true);
            }
            if (read.IsCompleted || (read.IsCanceled && !rest.IsEmpty))
                return Show(rest, read, 0);
            // The server stops or has waited long enough, which between requests is the end of the connection.
            if (read.IsCanceled)
                return new ReadResult(rest, isCanceled: false, isCompleted: true);
            if (!rest.IsEmpty && !_isWithinHead)
            {
                // From here on the time of the whole head counts, however its bytes come.
                BeginWaiting();
                _isWithinHead = true;
            }
            _input.AdvanceTo(rest.Start, rest.End);
        }
    }

    /// <summary>Reads the head and, if the path takes it, submits its event.</summary>
    private HeadStatus Begin(in ReadOnlySequence<byte> bytes, out int length, out ValueTask<SubmitOutcome>? submission)
    {
        var head = RequestScratch.Current.Head;
        var first = bytes.Slice(0, Math.Min(bytes.Length, RequestHead.LengthMax));
        var status = head.Read(first.IsSingleSegment ? first.First : first.ToArray());
        length = head.Length;
        submission = status == HeadStatus.Plain && _path.TryBegin(head, _peer, out var begun) ? begun : null;
        return status;
    }

    /// <returns>Whether the client may go on.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> AnswerAsync(ValueTask<SubmitOutcome> begun)
    {
        var isTaken = false;
        EndWaiting();
        try
        {
            isTaken = (await begun).IsTaken();
            BeginWaiting();
            _isFlushing = true;
            var flushed = await _output.WriteAsync(isTaken ? _path.Answers.Taken : _path.Answers.Unavailable);
            return !flushed.IsCompleted && !flushed.IsCanceled;
        }
        finally
        {
            _isFlushing = false;
            EndWaiting();
            _path.End(isTaken);
        }
    }

    private ReadResult Show(ReadOnlySequence<byte> bytes, in ReadResult read, long plainLength)
    {
        EndWaiting();
        _isWithinHead = false;
        _isServing = false;
        _shown = bytes;
        _shownLength = plainLength;
        return new ReadResult(bytes, read.IsCanceled, read.IsCompleted);
    }

    private void BeginWaiting() => Volatile.Write(ref _waitsSince, Environment.TickCount64);

    private void EndWaiting() => Volatile.Write(ref _waitsSince, 0);

    /// <summary>Ends a wait for the client that takes too long. Called about once a second.</summary>
    private void OnHeartbeat()
    {
        var since = Volatile.Read(ref _waitsSince);
        if (since == 0)
            return;
        var milliseconds = Environment.TickCount64 - since;
        if (milliseconds >= _path.IdleTimeout.TotalMilliseconds)
        {
            _isIdle = true;
            CancelPendingRead();
        }
        else if (_isWithinHead && milliseconds >= HeadMillisecondsMax)
        {
            _input.CancelPendingRead();
        }
    }
}
