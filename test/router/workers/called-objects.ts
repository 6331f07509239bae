import { DurableObject } from "cloudflare:workers";
import { partObject } from "../../../worker/part.ts";
import { manifestOf } from "./env.ts";

export { default } from "./objects.ts";

/** The objects of objects.ts, which the router asks by calls. */
export const PartObject = partObject(manifestOf, { base: DurableObject });
