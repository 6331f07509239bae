// Some native indexes have no method that frees them. They are freed when their JS object is collected, so garbage
// collection must be forced.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** Runs the garbage collector. Unreachable native indexes are freed on the next turn of the event loop. */
export const collect = runInNewContext("gc") as () => void;
