import { FormatError } from "../../bytes/format-error.ts";
import { parseStrictJson } from "../../bytes/strict-json.ts";

/**
 * Returns the entries of a file that is a JSON object as a whole, and not the header of another.
 *
 * @throws FormatError of parseStrictJson, whose messages speak of the file
 */
export function jsonEntries(bytes: Uint8Array): [string, unknown][] {
  try {
    return parseStrictJson(bytes, 0);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const place = ` (${error.code} at byte ${error.offset})`;
    const fault = error.message.replace(place, "").replace("the header", "the file");
    throw new FormatError(error.code, error.offset, fault);
  }
}
