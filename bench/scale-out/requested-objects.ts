import { partObject } from "../../worker/part.ts";
import { manifestOf } from "./objects.ts";

export { default, EmptyObject } from "./objects.ts";

/** The objects of objects.ts, which the router asks by requests. */
export const PartObject = partObject(manifestOf);
