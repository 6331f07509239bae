/**
 * Characters that a terminal interprets instead of showing, or that reorder others: control characters, line and paragraph
 * separators, bidirectional embeddings, overrides and isolates, and unpaired surrogates.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu;

const SHORT: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

const unicodeEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Escapes text to one line that can't affect a terminal. Labels, names and paths may come from anyone. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    return SHORT[character] ?? (code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : unicodeEscape(character));
  });

/** Escapes JSON likewise. It stays the JSON of the same value. */
export const printableJson = (json: string): string => json.replace(UNPRINTABLE, unicodeEscape);

/** Escapes a message of several lines. Lines after the first are indented, so that none looks like a separate message. */
export const printableMessage = (message: string): string => message.trimEnd().split("\n").map(printable).join("\n  ");
