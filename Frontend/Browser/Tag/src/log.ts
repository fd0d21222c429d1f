/** Writes to the console, where there is one. Calls stand behind LOGGING, so that they cost nothing otherwise. */
export function log(level: 'log' | 'info' | 'warn', text: string, subject?: unknown): void {
  if (window.console && console[level]) {
    if (subject === undefined) console[level]('Divolte: ' + text);
    else console[level]('Divolte: ' + text, subject);
  }
}
