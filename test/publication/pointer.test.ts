import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/bytes/format-error.ts";
import {
  homeKey,
  MAX_PART_BYTES,
  MAX_POINTER_BYTES,
  type Pointer,
  type PublishedFacts,
  parsePointer,
  partKey,
  pointerIn,
  serialisePointer,
  versionKey,
} from "../../src/publication/pointer.ts";

const digest = (digit: string): string => digit.repeat(64);

const POINTER: Pointer = {
  version: "2026-11.a_1",
  sha256: digest("a"),
  byteLength: MAX_PART_BYTES + 7,
  parts: [
    { sha256: digest("0"), byteLength: MAX_PART_BYTES },
    { sha256: digest("1"), byteLength: 7 },
  ],
  previous: "0f3a5b",
};

const FACTS: PublishedFacts = { itemCount: 10, dim: 8, metric: "dot", hasLabels: true, memoryBytes: 5_000_000 };
const FEATURES = { featureCount: 20, positionCount: 0, hasFeatureLabels: false };

describe("a pointer", () => {
  it("is read as it was written", () => {
    const { previous: _, ...first } = POINTER;
    const facts = { ...FACTS, metric: "cosine", features: FEATURES } as const;
    const pointers = [POINTER, first, { ...POINTER, facts: FACTS }, { ...first, facts, contract: "0f3a5b" }];
    for (const pointer of pointers) expect(parsePointer(serialisePointer(pointer))).toEqual(pointer);
  });

  it("states its format if it has facts, and older readers find the fields that they know", () => {
    expect(JSON.parse(serialisePointer({ ...POINTER, facts: FACTS }))).toEqual({
      pointerVersion: 2,
      ...POINTER,
      facts: FACTS,
    });
    expect(JSON.parse(serialisePointer(POINTER))).toEqual(POINTER);
  });

  it("has another form only where it has a canary or a space, which readers of the older forms refuse by its number", () => {
    const pointer = { ...POINTER, facts: FACTS, canary: { version: "b", share: 0.05 } };
    expect(JSON.parse(serialisePointer(pointer))).toEqual({ pointerVersion: 3, ...pointer });
    expect(parsePointer(serialisePointer(pointer))).toEqual(pointer);
    const named = { ...POINTER, facts: { ...FACTS, space: "model-2" } };
    expect(JSON.parse(serialisePointer(named))).toEqual({ pointerVersion: 3, ...named });
    expect(parsePointer(serialisePointer(named))).toEqual(named);
  });

  it("of a version has its parts beside the current pointer's", () => {
    expect(homeKey("words/versions/a.json", "a")).toBe("words/a");
    expect(homeKey("versions/a.json", "a")).toBe("a");
    for (const key of ["words/versions/a.json", "words/current.json", "words/myversions/b.json"]) {
      expect(homeKey(key, "b")).toBe(key);
    }
  });

  it("with the number of its last change has a form that older readers refuse", () => {
    const pointer = { ...POINTER, facts: FACTS, sequence: 41 };
    expect(JSON.parse(serialisePointer(pointer))).toEqual({ pointerVersion: 3, ...pointer });
    expect(parsePointer(serialisePointer(pointer))).toEqual(pointer);
    expect(parsePointer(serialisePointer(pointer).replace(/,\s*"sequence": 41/, ""))).toEqual({
      ...POINTER,
      facts: FACTS,
    });
  });

  it("is refused if it is longer than a reader may read", () => {
    const text = serialisePointer(POINTER);
    expect(pointerIn(new TextEncoder().encode(text.padEnd(MAX_POINTER_BYTES)))).toEqual(POINTER);
    expect(() => pointerIn(new TextEncoder().encode(text.padEnd(MAX_POINTER_BYTES + 1)))).toThrow(
      "the pointer: expected at most 262144 bytes, got more",
    );
  });

  it("has its parts and versions beside it, parts by content", () => {
    const [part] = POINTER.parts as [Pointer["parts"][0]];
    expect(partKey("words/current.json", part)).toBe(`words/parts/${digest("0")}`);
    expect(partKey("current.json", part)).toBe(`parts/${digest("0")}`);
    expect(versionKey("a/b/current.json", "v1")).toBe("a/b/versions/v1.json");
  });

  it.each([
    ["{", "expected JSON"],
    ["[]", "the pointer expected an object, got an array"],
    ["null", "the pointer expected an object, got null"],
    [{ pointerVersion: 4 }, '"pointerVersion" expected 1, 2 or 3, got 4: update midx here'],
    [{ pointerVersion: "2" }, '"pointerVersion" expected 1, 2 or 3, got "2"'],
    [{ sha512: "" }, '"sha512" is not a field of this form of pointer'],
    [{ facts: FACTS }, '"facts" is not a field'],
    [{ contract: "a" }, '"contract" is not a field'],
    [{ version: "" }, '"version" expected 1 to 64 letters, digits, "." "_" or "-", got ""'],
    [{ version: "../x" }, '"version" expected 1 to 64 letters'],
    [{ version: "x".repeat(65) }, '"version" expected 1 to 64 letters'],
    [{ version: 7 }, "got 7"],
    [{ sha256: digest("A") }, '"sha256" expected 64 hex digits'],
    [{ byteLength: MAX_PART_BYTES }, `"byteLength" expected the sum of its parts, ${MAX_PART_BYTES + 7}`],
    [{ byteLength: MAX_PART_BYTES + 8 }, `"byteLength" expected the sum of its parts, ${MAX_PART_BYTES + 7}`],
    [{ byteLength: 0 }, '"byteLength" expected an integer from 1'],
    [{ parts: [] }, '"parts" expected an array of 1 to 1024, got 0'],
    [{ parts: undefined }, '"parts" expected an array of 1 to 1024, got undefined'],
    [{ parts: [null] }, '"parts[0]" expected an object, got null'],
    [{ parts: [{ sha256: "../..", byteLength: 1 }] }, '"parts[0].sha256" expected 64 hex digits, got "../.."'],
    [{ parts: [{ sha256: digest("0"), byteLength: MAX_PART_BYTES + 1 }] }, `from 1 to ${MAX_PART_BYTES}, got`],
    [{ parts: [{ sha256: digest("0"), byteLength: 1.5 }] }, '"parts[0].byteLength" expected an integer'],
    [{ parts: [{ sha256: digest("0"), byteLength: 1, etag: "" }] }, '"parts[0].etag" is not a field'],
    [{ previous: "a b" }, '"previous" expected 1 to 64 letters'],
    [{ pointerVersion: 2 }, '"facts" expected an object, got undefined'],
    [{ pointerVersion: 2, facts: { ...FACTS, dim: 4097 } }, '"facts.dim" expected an integer from 1 to 4096, got 4097'],
    [{ pointerVersion: 2, facts: { ...FACTS, itemCount: -1 } }, '"facts.itemCount" expected an integer from 0'],
    [{ pointerVersion: 2, facts: { ...FACTS, metric: "l2" } }, '"facts.metric" expected "dot" or "cosine", got "l2"'],
    [{ pointerVersion: 2, facts: { ...FACTS, hasLabels: 1 } }, '"facts.hasLabels" expected true or false, got 1'],
    [{ pointerVersion: 2, facts: { ...FACTS, memoryBytes: 0 } }, '"facts.memoryBytes" expected an integer from 1'],
    [{ pointerVersion: 2, facts: { ...FACTS, space: "" } }, '"facts.space" is not a field'],
    [{ pointerVersion: 2, facts: FACTS, sequence: 7 }, '"sequence" is not a field of this form'],
    [{ pointerVersion: 3, facts: FACTS, sequence: 0 }, '"sequence" expected an integer from 1'],
    [{ pointerVersion: 3, sequence: 7 }, '"facts" expected an object, got undefined'],
    [{ pointerVersion: 2, facts: { ...FACTS, features: [] } }, '"facts.features" expected an object'],
    [
      { pointerVersion: 2, facts: { ...FACTS, features: { ...FEATURES, positionCount: 4097 } } },
      '"facts.features.positionCount" expected an integer from 0 to 4096',
    ],
    [{ pointerVersion: 2, facts: FACTS, canary: { version: "b", share: 0.5 } }, '"canary" is not a field'],
    [{ pointerVersion: 3, facts: { ...FACTS, space: "a b" } }, '"facts.space" expected 1 to 64 letters'],
    [{ pointerVersion: 3, facts: FACTS, canary: [] }, '"canary" expected an object, got an array'],
    [{ pointerVersion: 3, canary: { version: "b", share: 0.5 } }, '"facts" expected an object, got undefined'],
    [{ pointerVersion: 3, facts: FACTS, canary: { version: "b" } }, '"canary.share" expected a number from 0 to 1'],
    [{ pointerVersion: 3, facts: FACTS, canary: { version: "b", share: 1.1 } }, "from 0 to 1, got 1.1"],
    [{ pointerVersion: 3, facts: FACTS, canary: { version: "/", share: 1 } }, '"canary.version" expected 1 to 64'],
    [{ pointerVersion: 3, facts: FACTS, canary: { version: "b", share: 1, to: 2 } }, '"canary.to" is not a field'],
    [{ pointerVersion: 2, facts: FACTS, contract: "a b" }, '"contract" expected 1 to 64 letters'],
  ])("of %j is refused by name", (fields, message) => {
    const text = typeof fields === "string" ? fields : JSON.stringify({ ...POINTER, ...fields });
    const read = () => parsePointer(text);
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ code: "pointer" }));
  });
});
