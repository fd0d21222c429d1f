import { log } from './log';

/** Thrown as text, as pages may already look for it. */
function fail(reason: string): never {
  throw 'Divolte could not initialize itself' + (LOGGING ? '; ' + reason : '') + '.';
}

/** Browsers without `currentScript`: the one element whose address has the name of this script. */
function search(): string {
  var scripts = document.getElementsByTagName('script'), found: string | undefined, index, path;
  for (index = 0; index < scripts.length; index++) {
    path = scripts[index]!.src.split(/[?#]/)[0]!;
    if (path.slice(path.lastIndexOf('/') + 1) === $SCRIPT_NAME$) {
      if (found !== undefined) fail('multiple script elements match');
      found = scripts[index]!.src;
    }
  }
  return found === undefined ? fail('could not locate the script element') : found;
}

/** The absolute address that this script was asked for by. A module has no element: TypeError. */
export function scriptUrl(): string {
  var url = document.currentScript === undefined ? search() : (document.currentScript as HTMLScriptElement).src;
  if (LOGGING) log('log', 'script address', url);
  // The element of an SVG document has an object in this place.
  return typeof url === 'string' ? url : fail('could not locate the address of the script');
}
