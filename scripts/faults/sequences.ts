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
    find: "state.set(afterValues);",
    replace: "if (state[0] === 0) state.set(afterValues);",
    suites: ["test/encoder/sequence-encoder.test.ts"],
  },
  {
    name: "a tied encoder beside other rows",
    file: "src/train/build/build.ts",
    find: "await checkTiedRows(input, plan.encoder);",
    replace: "",
    suites: ["test/encoder/sequence-encoder.test.ts"],
  },
  {
    name: "attention that sees the item behind its own",
    file: "assembly/encoder/attention.ts",
    find: "const count = position + 1, end",
    replace: "const count = min(position + 2, a.count), end",
    suites: ["test/encoder/attention-kernels.test.ts"],
  },
  {
    name: "weights that are dropped otherwise in the backward pass",
    file: "assembly/train/model/attention.ts",
    find: "const matrix = window * a.headCount + head, out",
    replace: "const matrix = window * a.headCount + head + 1, out",
    suites: ["test/encoder/attention-kernels.test.ts"],
  },
  {
    name: "a gradient through the norm that forgets the deviation",
    file: "assembly/train/model/norm.ts",
    find: "f32x4.sub(scaled, f32x4.mul(normed, slope))",
    replace: "scaled",
    suites: ["test/encoder/attention-kernels.test.ts"],
  },
  {
    name: "a block without the gradient through its first norm",
    file: "src/train/sequences/attention-block.ts",
    find: "first.backward(input, gradients, rows);",
    replace: "",
    suites: ["test/train/sequences/gradients.test.ts"],
  },
  {
    name: "a step of attention that drops the first item of a full state but keeps the keys of the others",
    file: "src/encoder/attention.ts",
    find: "const query = isFull ? encode([...state.vectorsOf(before).slice(1), vector]) : append(before, read, vector);",
    replace:
      "const query = append(isFull ? state.of(state.rowsOf(before).slice(rowValues)) : before, count - 1, vector);",
    suites: ["test/encoder/attention-encoder.test.ts"],
  },
  {
    name: "a schedule that falls from the first step on",
    file: "src/train/sequences/schedule.ts",
    find: "(step - warmup) / Math.max(1, steps - warmup)",
    replace: "step / Math.max(1, steps)",
    suites: ["test/train/sequences/schedule.test.ts"],
  },
];
