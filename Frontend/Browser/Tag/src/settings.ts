/**
 * The settings of the source that serves the script. The server writes a literal in place of each of these names when it starts;
 * LOGGING is decided when the artefacts are built, so that the script without it carries none of the texts.
 */
declare var $PARTY_COOKIE$: string;
declare var $PARTY_SECONDS$: number;
declare var $SESSION_COOKIE$: string;
declare var $SESSION_SECONDS$: number;
/** "; domain=…" and the like, or empty. */
declare var $COOKIE_ATTRIBUTES$: string;
declare var $SCRIPT_NAME$: string;
declare var $EVENT_SUFFIX$: string;
declare var $AUTO_PAGE_VIEW$: boolean;
declare var $EVENT_MILLISECONDS$: number;
/** Whether cookies are used at all. */
declare var $COOKIES$: boolean;
/** Whether the script writes the party cookie: true, or a question to the browser where the server writes it too. */
declare var $WRITES_PARTY$: boolean;
/** `request`, in what the features of the source put around it. */
declare var $DELIVERY$: import('./delivery').Request;
/** `pass`, in what the features of the source put around it. */
declare var $GATE$: import('./tag').Gate;
/** Whether this visitor may be tracked: true, or a question to the browser. */
declare var $ALLOWED$: boolean;
/** The expression in `features/single-page.ts`, or nothing. */
declare var $SINGLE_PAGE$: unknown;
declare var LOGGING: boolean;
