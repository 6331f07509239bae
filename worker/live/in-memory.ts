import { applyLogged } from "../../src/changes/apply.ts";
import { checkChanges } from "../../src/changes/index.ts";
import type { PartedIndex } from "../../src/parts/parted-index.ts";
import type { MultiIndex } from "../../src/public.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { applySets } from "./apply-sets.ts";
import type { Changing } from "./changing.ts";

/** The way in which changes are checked and applied in this isolate: to `changed`, an index or parts, which `index` answers with. */
export const inMemory = (
  index: Pick<ServedIndex, "info">,
  changed: MultiIndex | PartedIndex,
): Pick<Changing, "take" | "check"> => ({
  take: (sets, from, applied) =>
    applySets({ index, apply: (set, sequence) => applyLogged(changed, set, sequence) }, sets, from, applied),
  check: (set, maxDelta) => void checkChanges(changed, set, { maxDelta }),
});
