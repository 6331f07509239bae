import { expect, test } from "vitest";
import { encoderSection, readEncoder } from "../src/format/encoder.ts";

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

test.each([
  ["another version", { version: 2 }, "of version 2 is not known to this version of midx: update midx"],
  ["another kind", { texts: { ...section.texts, "encoder.kind": "lstm" } }, '"encoder.kind" expected'],
  ["no units", { texts: { "encoder.kind": "gru" } }, '"encoder.units" is missing'],
  [
    "units that are no multiple of 4",
    { texts: { ...section.texts, "encoder.units": "6" } },
    "a multiple of 4 units, got 6",
  ],
  ["a further fact", { texts: { ...section.texts, "encoder.extra": "1" } }, "expected the texts"],
  ["a missing tensor", { tensors: section.tensors.slice(1) }, "expected the tensors"],
  ["a tensor of another shape", { texts: { ...section.texts, "encoder.units": "16" } }, "expected the tensors"],
])("%s is refused", (_, changed, message) => {
  expect(() => read(changed)).toThrow(message);
});
