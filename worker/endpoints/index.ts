export { logprob } from "./logprob.ts";
export { logz } from "./logz.ts";
export { predict } from "./predict.ts";
export { sample } from "./sample.ts";
export { sampleTop } from "./sample-top.ts";
