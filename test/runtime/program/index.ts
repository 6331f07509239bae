export { callsGolden } from "../../golden/calls-golden.ts";
export { hashAnswers } from "../../golden/hash-answers.ts";
export { samplersGolden } from "../../golden/samplers-golden.ts";
export { attentionGolden, encodedGolden, sequencesGolden } from "../../golden/sequences-golden.ts";
export { trainGolden } from "../../golden/train-golden.ts";
export { buildGolden } from "./build-golden.ts";
export { compareThreads } from "./compare-threads.ts";
export { keepPromises } from "./keep-promises.ts";
