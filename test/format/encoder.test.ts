import { expect, test } from "vitest";
import { encoderSection, readEncoder } from "../../src/format/encoder.ts";

const SHAPE = { itemCount: 10, dim: 8, bucketCount: 3, hasFineCodes: false };
const FACTS = { kind: "gru", units: 12, items: "own" } as const;
const section = encoderSection(FACTS, SHAPE, 2);
const read = (changed: object) => readEncoder({ ...SHAPE, ignored: [{ ...section, ...changed }] });

test("a section has the facts and shapes it is written with", () => {
  expect(read({})).toEqual(FACTS);
  expect(section.tensors.map(({ name, shape }) => `${name} [${shape}]`)).toEqual([
    "encoder.inputWeight [36,8]",
    "encoder.inputBias [36]",
    "encoder.stateWeight [36,12]",
    "encoder.stateBias [36]",
    "encoder.projectionWeight [8,12]",
    "encoder.projectionBias [8]",
    "encoder.itemVectors [10,8]",
  ]);
  expect(encoderSection({ ...FACTS, units: 8, items: "rows" }, SHAPE, 2).tensors).toHaveLength(4);
  expect(readEncoder(SHAPE)).toBeUndefined();
});

const ATTENTION = { kind: "attention", blocks: 2, heads: 2, length: 5, items: "own" } as const;
const attention = encoderSection(ATTENTION, SHAPE, 2);

test("a section of attention has a version of its own, which older readers do not take for gated units", () => {
  expect(attention.version).toBe(2);
  expect(section.version).toBe(1);
  expect(readEncoder({ ...SHAPE, ignored: [attention] })).toEqual(ATTENTION);
  expect(attention.tensors.map(({ name, shape }) => `${name} [${shape}]`)).toEqual([
    "encoder.positions [5,8]",
    "encoder.normWeight [40]",
    "encoder.normBias [40]",
    "encoder.inputWeight [48,8]",
    "encoder.inputBias [48]",
    "encoder.outputWeight [16,8]",
    "encoder.outputBias [16]",
    "encoder.innerWeight [16,8]",
    "encoder.innerBias [16]",
    "encoder.outerWeight [16,8]",
    "encoder.outerBias [16]",
    "encoder.itemVectors [10,8]",
  ]);
});

test.each([
  [
    "heads of no whole width",
    { "encoder.heads": "3" },
    "expected one head, or heads of a multiple of 4 values, got 3 of 8",
  ],
  ["more blocks than there are", { "encoder.blocks": "3" }, "expected the tensors"],
  ["another length", { "encoder.length": "6" }, "expected the tensors"],
  ["a length beyond the limit", { "encoder.length": "5000" }, '"encoder.length" expected'],
])("attention of %s is refused", (_, changed, message) => {
  const ignored = [{ ...attention, texts: { ...attention.texts, ...changed } }];
  expect(() => readEncoder({ ...SHAPE, ignored })).toThrow(message);
});

test.each([
  ["another version", { version: 3 }, "of version 3 is not known to this version of midx: update midx"],
  ["gated units in the version of attention", { version: 2 }, '"encoder.kind" expected'],
  ["another kind", { texts: { ...section.texts, "encoder.kind": "lstm" } }, '"encoder.kind" expected'],
  ["no units", { texts: { "encoder.kind": "gru" } }, '"encoder.units" is missing'],
  ["units that are none", { texts: { ...section.texts, "encoder.units": "0" } }, '"encoder.units" expected'],
  ["a further fact", { texts: { ...section.texts, "encoder.extra": "1" } }, "expected the texts"],
  ["a missing tensor", { tensors: section.tensors.slice(1) }, "expected the tensors"],
  ["a tensor of another shape", { texts: { ...section.texts, "encoder.units": "16" } }, "expected the tensors"],
])("%s is refused", (_, changed, message) => {
  expect(() => read(changed)).toThrow(message);
});
