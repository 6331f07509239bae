// The query module: what every query runs. Re-exports only.
export { heapBase } from "./memory";
export { philox } from "./random";
export { xxh64 } from "./checksum";
export { exp64, expInto } from "./exp";
export { log64 } from "./log";
export { listPositions } from "./filter";
export { prepareQuery } from "./query";
export { dotRows } from "./dot";
export { maxOf } from "./lanes";
export { scoreIds, scorePositions } from "./score";
export { bucketLogMasses, bucketMasses, massesFromLogs, subScores } from "./masses";
export { headPositions, selectHead } from "./head";
export { logMassAt, positionIn, slotIn, sumTail } from "./tail";
export { topPush, topSort } from "./topk";
export { endProposal, estimateTail, predict, propose, proposeTail, scoreHead, scoreListed, sumExp, sumScored } from "./search";
export { tailSpread } from "./spread";
export { weighDraws } from "./weigh-draws";
export { drawProposed, logQOf, sample, sumHead } from "./sample";
