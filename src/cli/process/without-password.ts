/**
 * Returns a URL as it may be printed: without its user, its password and its query, which may have another password. A password
 * that has "/" or "@" as they are ends the address for a parser, so everything up to the last "@" is left out.
 */
export function withoutPassword(url: string): string {
  const place = url.slice(url.lastIndexOf("@") + 1).replace(/[?#].*$/s, "");
  return url.includes("@") ? `${new URL(url).protocol}//…@${place}` : place;
}

/** Returns what a message says that it got in place of a URL. In a text that is none, whatever follows ":" may be a password. */
export function gotUrl(text: string): string {
  if (URL.canParse(text)) return JSON.stringify(withoutPassword(text));
  return /[:@]/.test(text) ? "a text that is no URL" : JSON.stringify(text);
}
