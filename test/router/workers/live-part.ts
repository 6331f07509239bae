import { createPart, takeChanges } from "../../../worker/part.ts";
import { manifestOf, type StoreEnv } from "./env.ts";

interface Env extends StoreEnv {
  readonly NUMBER: string;
}

/** A part in a Worker of its own, which takes changes. */
export default createPart<Env>(manifestOf, {
  number: (env) => Number(env.NUMBER),
  changes: takeChanges({ maxDelta: 50 }),
});
