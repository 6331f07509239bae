import { FormatError } from "../../src/bytes/format-error.ts";

/** What V8 throws where there was no room, which no reader may let happen, though it is a RangeError, too. */
const EXHAUSTED = /call stack|array length|string length|array buffer allocation|out of memory|typed array/i;

/**
 * Runs a reader. Its word is to give what it read, or a FormatError with a code and a byte, or a RangeError that says what is
 * wrong with an option. Gives the code of what it threw, or undefined; anything else is thrown on.
 */
export async function refused(read: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (error instanceof FormatError) {
      if (Number.isInteger(error.offset) && error.offset >= 0 && error.message !== "") return error.code;
      throw new Error(`${error.code} at byte ${error.offset}: ${error.message}`, { cause: error });
    }
    if (error instanceof RangeError && error.message !== "" && !EXHAUSTED.test(error.message)) return "RangeError";
    throw error;
  }
}
