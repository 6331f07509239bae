// Native indices without a method that frees them go with the JS object that holds them: it has to be collected.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** Unreachable native indices are freed on the event loop's next turn. */
export const collect = runInNewContext("gc") as () => void;
