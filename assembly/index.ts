// The query module: everything a loaded index needs. Re-exports only.
export { heapBase } from "./memory";
export { philox } from "./random";
export { xxh64 } from "./checksum";
export { exp64, expInto } from "./exp";
export { log64 } from "./log";
export { firstNonFiniteF16, firstOutsideF32, firstUnordered, firstUnpadded, invertIds } from "./validate";
export { layOutSlots, weighBuckets } from "./buckets";
export { prepareQuery } from "./query";
export { dotRows } from "./dot";
export { maxOf } from "./lanes";
export { scoreIds, scorePositions } from "./score";
export { bucketLogMasses, bucketMasses, massesFromLogs, subScores } from "./masses";
export { headPositions, selectHead } from "./head";
export { logMassAt, positionIn, slotIn, sumTail } from "./tail";
export { topPush, topSort } from "./topk";
export { estimateTail, predict, propose } from "./search";
export { logQOf, sample } from "./sample";
