export { hashAnswers } from "../../golden/hash-answers.ts";
export { buildingReport } from "./building-report.ts";
export { compareThreads } from "./compare-threads.ts";
