var letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~_';

/** 192 random bits as 32 characters; a mark follows when the browser has no secure source. The second source mends a first that is constant. */
export function unique(): string {
  var source: Crypto | undefined = window.crypto || (window as any).msCrypto;
  var bytes = source && source.getRandomValues && (window as any).Uint8Array && source.getRandomValues(new Uint8Array(32));
  var text = '', index;
  for (index = 0; index < 32; index++) text += letters.charAt(((bytes ? bytes[index]! : 0) ^ Math.random() * 64) & 63);
  return bytes ? text : text + '!';
}

/** A party or session id. */
export function timedIdentifier(time: number): string {
  return '0:' + time.toString(36) + ':' + unique();
}
