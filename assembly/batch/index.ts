// The batch module reads rows for a block of queries at once. Workers do not carry it: there the queries of a batch are
// answered one after the other, with the same bits. Its constants lie in front of those of the query module, so an instance can
// be made at any time. Re-exports only.
export { heapBase } from "../memory";
export { addBlockRemainders, packQuery, packRemainder, scoreBlock } from "./score-block";
export { mergeBlock } from "./merge-block";
export { keepPrediction, restorePrediction } from "./predictions";
