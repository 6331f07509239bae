import { shown } from "../../src/internal.ts";
import { invalidField } from "./invalid-field.ts";

/** Refuses queries of another space than that of the index. If either has no name, nothing is compared. */
export function requireSpace(given: string | undefined, own: string | undefined): void {
  if (!given || !own || given === own) return;
  throw invalidField(
    "space",
    `${shown(own)}, the space of the index, got ${shown(given)}: ask with the model of the index`,
  );
}
