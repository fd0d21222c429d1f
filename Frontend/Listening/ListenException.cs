namespace Divolte.Frontend.Listening;

/// <summary>A listener cannot be opened. The message is for the operator.</summary>
internal sealed class ListenException(string message, Exception inner) : Exception(message, inner);
