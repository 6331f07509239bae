import { shown } from "../checks/check.ts";
import { isSpaceName, SPACE_NAME } from "../format/space.ts";

/** Refuses the name of a space other than the index's. If either has none, nothing is compared. */
export function checkSpace(given: string | undefined, own: string | undefined): void {
  if (given === undefined) return;
  if (!isSpaceName(given)) throw new RangeError(`"space" expected ${SPACE_NAME}, got ${shown(given)}`);
  if (own === undefined || given === own) return;
  throw new RangeError(
    `"space" expected ${shown(own)}, the space of the index, got ${shown(given)}: rows of two spaces cannot be compared`,
  );
}
