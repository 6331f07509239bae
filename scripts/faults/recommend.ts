import type { Fault } from "./fault.ts";

/** Faults in diverse answers, mixtures, slates and values of policies. */
export const RECOMMEND_FAULTS: readonly Fault[] = [
  {
    name: "similarity to the class chosen last instead of to the most similar one",
    file: "src/answers/diversify.ts",
    find: "if (isFirst || cosine > (similarity[place] as number)) similarity[place] = cosine;",
    replace: "similarity[place] = cosine;",
    suites: ["test/answers/diversity.test.ts"],
  },
  {
    name: "cosines without the length of one row",
    file: "src/answers/diversify.ts",
    find: "* inverse * (inverseLengths[i] as number)",
    replace: "* inverse * inverse",
    suites: ["test/answers/diversity.test.ts"],
  },
  {
    name: "products of rows of codes that are left from the query",
    file: "assembly/similarity.ts",
    find: "if (l.rowType == ROWS_F32) return row;",
    replace: "if (l.rowType == ROWS_F32) return l.query;",
    suites: ["test/assembly/similarity.test.ts"],
  },
  {
    name: "a uniform law over all classes, whatever the filter",
    file: "src/answers/uniform-law.ts",
    find: "const logMass = opened.kernels.log64(allowedCount);",
    replace: "const logMass = opened.kernels.log64(opened.header.facts.itemCount);",
    suites: ["test/answers/mixture.test.ts"],
  },
  {
    name: "masses of popularity that are kept for another power",
    file: "src/answers/popularity.ts",
    find: "if (opened.popularity?.power !== power) {",
    replace: "if (opened.popularity === undefined) {",
    suites: ["test/index/call-sequences.test.ts", "test/answers/mixture.test.ts"],
  },
  {
    name: "a draw that explores with the number that chose its part",
    file: "src/answers/mixture.ts",
    find: "law.positionAt(uniform(2 * draw + 1))",
    replace: "law.positionAt(uniform(2 * draw))",
    suites: ["test/answers/mixture.test.ts"],
  },
  {
    name: "a slate whose rest forgets the head",
    file: "src/answers/rest-of-proposal.ts",
    find: "  return logOfSum(opened, logHead, logTail) - logTotal;",
    replace: "  return logTail - logTotal;",
    suites: ["test/answers/slate.test.ts"],
  },
  {
    name: "a slate whose rest has the classes of the slate that share a bucket with others",
    file: "src/answers/rest-of-proposal.ts",
    find: "rest += (masses[slot] as number) * (1 - (takenBySlot.get(slot) ?? 0));",
    replace: "rest += masses[slot] as number;",
    suites: ["test/answers/slate.test.ts"],
  },
  {
    name: "an exact slate whose rest has the slate too",
    file: "src/answers/rest-of-softmax.ts",
    find: "hasSlate ? logMassOfOthers(opened, scanned, isLeftOut) : scanned.logMass",
    replace: "scanned.logMass",
    suites: ["test/answers/slate.test.ts"],
  },
  {
    name: "a doubly robust value without the weights of errors",
    file: "src/train/policy/estimates.ts",
    find: "sums.robust += (weight * (reward - predicted)) / draws.length;",
    replace: "sums.robust += (reward - predicted) / draws.length;",
    suites: ["test/train/policy-value.test.ts"],
  },
  {
    name: "requests counted by row",
    file: "src/train/policy/estimates.ts",
    find: "requests.map((sums) => of(sums) / sums.rows)",
    replace: "requests.map((sums) => of(sums))",
    suites: ["test/train/policy-value.test.ts"],
  },
  {
    name: "diverse answers whose pool does not count as work",
    file: "worker/request/work.ts",
    find: "return estimateWork(sizes, effort, Math.max(k, pool)) + products + 3 * k * NUMBER;",
    replace: "return estimateWork(sizes, effort, Math.max(k, pool)) + 3 * k * NUMBER;",
    suites: ["test/service/app.test.ts"],
  },
];
