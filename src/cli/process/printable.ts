/**
 * Characters that a terminal obeys instead of showing them, or that change the order of others: controls, line and
 * paragraph separators, bidirectional embeddings, overrides and isolates, and halves of surrogate pairs.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu;

const SHORT: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

const unicodeEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** One line of text in which nothing can act on a terminal: labels, names and paths may come from anyone. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    return SHORT[character] ?? (code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : unicodeEscape(character));
  });

/** The same for JSON, which stays the JSON of the same value. */
export const printableJson = (json: string): string => json.replace(UNPRINTABLE, unicodeEscape);

/** The same for a message of several lines: those after the first are indented, so that none passes for another message. */
export const printableMessage = (message: string): string => message.trimEnd().split("\n").map(printable).join("\n  ");
