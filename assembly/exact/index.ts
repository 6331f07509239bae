// The exact module reads an index as a whole: validation, weights, bounds, exact answers. Re-exports only.
export { heapBase } from "../memory";
export { firstNonFiniteF16, firstOutsideF32, firstUnordered, firstUnpadded, invertIds } from "./validate";
export { layOutSlots } from "./buckets";
export { changedBuckets, countBits, excludeOthers, filterDistance } from "./filter-bits";
export { markCodes, markFlagged } from "./column-codes";
export { weighBuckets, weighFiltered, weighKnot, weighSlots } from "./weights";
export { countBuckets, filterKnot, measurePortions } from "./portions";
export { measureResiduals } from "./residuals";
export { measureCodeErrors } from "./code-errors";
export { prepareBounds, tailBound } from "./bounds";
export { addRemainder, changedWithRemainder, headWithRemainder, prepareRemainder } from "./remainder";
export { candidates, candidateShare, survivors } from "./survivors";
export { drawExact, envelope } from "./envelope";
export { clockHead, clockMore, clockRange, clockTail, sortKeys } from "./clocks";
