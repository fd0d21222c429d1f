function quote(text: string): string {
  return text.replace(/[~!]/g, '~$&') + '!';
}

/** The shortest of base 36 (whole numbers only), plain decimals and exponent; `n` for what JSON lacks. */
function encodeNumber(value: number): string {
  var text = '' + value, exponent = value.toExponential(), base36 = value.toString(36);
  if (!isFinite(value)) return 'n';
  if (exponent.length < text.length) text = exponent;
  return (value % 1 || base36.length > text.length ? 'j' + text : 'd' + base36) + '!';
}

/**
 * A value in the collector's compact form of JSON.
 * @param name Inside an object, the name of the field: it stands between the type and the value.
 * @returns Empty for what is left out (undefined).
 * @throws The text `Cannot encode of type: …` for functions and the like; RangeError for cyclic objects.
 */
export function encode(value: any, name?: string): string {
  var text = '', type, key;
  if (value && typeof value === 'object' && typeof value.toJSON === 'function') value = value.toJSON();
  type = typeof value;
  key = Object.prototype.toString.call(value);
  if (value && key === '[object Date]') {
    value = isFinite(value) ? isoText(value) : null;
    type = typeof value;
  }
  if (value === undefined) return text;
  if (value === null) text = 'n';
  else if (type === 'string') text = 's' + quote(value);
  else if (type === 'number') text = encodeNumber(value);
  else if (type === 'boolean') text = value ? 't' : 'f';
  else if (type !== 'object') throw 'Cannot encode of type: ' + type;
  else if (key === '[object Array]') {
    for (text = 'a', key = 0; key < value.length; key++) text += encode(value[key]) || 'n';
    text += '.';
  } else {
    text = '(';
    for (key in value) if (Object.prototype.hasOwnProperty.call(value, key)) text += encode(value[key], key);
    text += ')';
  }
  return name === undefined ? text : text.charAt(0) + quote(name) + text.slice(1);
}

/** Only for dates whose own `toJSON` a page removed. */
function isoText(date: Date): string {
  function two(value: number, add?: number): string {
    return ('00' + (value + (add || 0))).slice(-2);
  }
  return date.getUTCFullYear() + '-' + two(date.getUTCMonth(), 1) + '-' + two(date.getUTCDate()) + 'T' + two(date.getUTCHours()) + ':' +
    two(date.getUTCMinutes()) + ':' + two(date.getUTCSeconds()) + '.' + ('00' + date.getUTCMilliseconds()).slice(-3) + 'Z';
}
