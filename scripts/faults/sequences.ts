import type { Fault } from "./fault.ts";

/** Faults of encoders of sequences and of their training. */
export const SEQUENCE_FAULTS: readonly Fault[] = [
  {
    name: "a mixture of proposals without their shares of the draws",
    file: "src/train/sequences/shared-draws.ts",
    find: "const own = log + logShare;",
    replace: "const own = log + 0 * logShare;",
    suites: ["test/train/sequences/shared-draws.test.ts"],
  },
  {
    name: "draws of a position's own class among its negatives",
    file: "assembly/train/model/shared-draws.ts",
    find: "setWhere(scores, ids, count, target, -Infinity);",
    replace: "",
    suites: ["test/encoder/kernels.test.ts"],
  },
  {
    name: "shared draws that are not divided by their number",
    file: "src/train/sequences/drawn-classes.ts",
    find: "(drawn.logQ[k] as number) + logNegatives",
    replace: "(drawn.logQ[k] as number) + 0 * logNegatives",
    suites: ["test/train/sequences/gradients.test.ts"],
  },
  {
    name: "a text whose windows all begin with a state of zeros",
    file: "src/train/sequences/run.ts",
    find: "if (carry) encoder.carry(packed);",
    replace: "encoder.reset();",
    suites: ["test/train/sequences/train.test.ts"],
  },
  {
    name: "a clipped gradient of another length",
    file: "src/train/sequences/gradients.ts",
    find: "most / norm",
    replace: "most / (norm * norm)",
    suites: ["test/train/sequences/train.test.ts"],
  },
  {
    name: "a gradient through the gates that forgets the state before",
    file: "assembly/train/model/gru.ts",
    find: "f32x4.sub(v128.load(previous), n)",
    replace: "f32x4.neg(n)",
    suites: ["test/encoder/kernels.test.ts"],
  },
  {
    name: "an encoder whose state stays that of the first item",
    file: "src/encoder/recurrent.ts",
    find: "state.set(after.values);",
    replace: "if (state[0] === 0) state.set(after.values);",
    suites: ["test/encoder/sequence-encoder.test.ts"],
  },
  {
    name: "a tied encoder beside other rows",
    file: "src/train/build/build.ts",
    find: "await checkTiedRows(input, plan.encoder);",
    replace: "",
    suites: ["test/encoder/sequence-encoder.test.ts"],
  },
];
