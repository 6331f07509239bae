import { FormatError } from "../../src/bytes/format-error.ts";

/**
 * The messages of V8 when memory or the stack is exhausted. No reader may let this happen, although it is a RangeError
 * too.
 */
const EXHAUSTED = /call stack|array length|string length|array buffer allocation|out of memory|typed array/i;

/**
 * Runs a reader. It must return what it read, or throw a FormatError with a code and a byte, or a RangeError that names
 * what is wrong with an option. Returns the code of the error, or undefined. Everything else is thrown on.
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
