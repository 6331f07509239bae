import { shown } from "../checks/check.ts";

/** Constructors of what JSON has, whatever realm they are of. Objects without a prototype have none. */
const IN_JSON = /^(Object|Array|String|Boolean|undefined)$/;

/**
 * Writes metadata as JSON. TypeError for a value that JSON lacks, such as a Date or NaN: it would be dropped or become another
 * one without a word. Fields that are undefined are left out.
 */
export function metadataText(place: string, metadata: unknown): string {
  let refused = "";
  const checked = function (this: Readonly<Record<string, unknown>>, name: string): unknown {
    const given = this[name]; // the second argument has a Date as the text that it writes of itself
    const kind = Object.getPrototypeOf(Object(given))?.constructor.name;
    if (Number.isFinite(given) || IN_JSON.test(kind)) return given;
    const got = typeof given === "object" ? kind : shown(given);
    refused ||= `, got ${got}${name && ` as "${name.slice(0, 64)}"`}: write it as text, or leave it out`;
    return null;
  };
  try {
    const text = JSON.stringify(metadata, checked);
    if (!refused) return text;
  } catch (error) {
    refused ||= `: ${(error as Error).message}`; // a cycle
  }
  throw new TypeError(`${place} expected an object of JSON${refused}`);
}
