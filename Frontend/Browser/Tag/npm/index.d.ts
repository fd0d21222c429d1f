/** The object that the tag of Divolte puts into pages, as `window.divolte`. */
export interface Divolte {
  /** Who this browser is: `0:time:32 characters`. Fixed when the script runs. */
  readonly partyId: string;
  /** The visit; as `partyId`. */
  readonly sessionId: string;
  /** This view of the page; null while none has begun. */
  readonly pageViewId: string | null;
  /** Whether there was no party cookie when the script ran. */
  readonly isNewPartyId: boolean;
  /** Whether there was no session cookie when the script ran. */
  readonly isFirstInSession: boolean;
  /** Whether the page gave the id of the page view, behind `#` in the script's address. */
  readonly isServerPageView: boolean;
  /**
   * Sends an event.
   * @param type Its type; nothing is sent without one.
   * @param parameters What goes with it. A function, symbol or bigint inside throws a string, a cycle a RangeError.
   * @returns The id of the event; null when none is sent.
   */
  signal(type: string, parameters?: Parameter): string | null;
  /**
   * Calls back once: when all events so far are delivered, have failed or timed out. At once, before returning, when none is pending.
   * @param milliseconds Latest time for the call; unlimited by default.
   */
  whenCommitted(callback: () => void, milliseconds?: number): void;
  /**
   * Says what the visitor wants; only there when the source is configured with `consent`. Nothing is read, written or sent before it is called with true, and the
   * ids are empty until then. With false, what waits is dropped and the cookies are deleted.
   */
  consent?(isGiven: boolean): void;
}

/** What event parameters may hold: what JSON holds, and objects with `toJSON`. Undefined is left out. */
export type Parameter =
  | string | number | boolean | null | undefined | Date
  | { toJSON(): Parameter }
  | readonly Parameter[]
  | { readonly [name: string]: Parameter };

declare global {
  /** Undefined until the tag has run, and where a module loader took it. */
  var divolte: Divolte | undefined;
}
