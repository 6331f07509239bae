export { decode } from "./decode.ts";
export { logPartition } from "./log-partition.ts";
export { logProbability } from "./log-probability.ts";
export { predict } from "./predict.ts";
export { sample } from "./sample.ts";
export { sampleTopK } from "./sample-top-k.ts";
export { slateLogProbability } from "./slate-log-probability.ts";
