/**
 * The value of a cookie, or empty. Of several with one name the browser's first counts if it is the first cookie at all, else the last:
 * the collector's tag did so, and another choice would give visitors with two such cookies a new identity.
 */
export function readCookie(name: string): string {
  var value = '', index, cookies;
  try {
    cookies = $COOKIES$ ? document.cookie.split('; ') : [];
    for (index = cookies.length; index--;)
      if (!cookies[index]!.indexOf(name + '=') && (!value || !index)) value = cookies[index]!.slice(name.length + 1);
  } catch (refused) {
    // Sandboxed frames and data documents have no cookies: every page view is a new party there.
  }
  return value;
}

/** Writes a cookie that lives from the time of an event. */
export function writeCookie(name: string, value: string, seconds: number, time: number): void {
  try {
    if ($COOKIES$) document.cookie = name + '=' + value + '; path=/; expires=' + new Date(time + seconds * 1000).toUTCString() +
      '; max-age=' + seconds + $COOKIE_ATTRIBUTES$;
  } catch (refused) {
    // As above: the event is worth more than its cookie.
  }
}
