import { describe, expect, it } from "vitest";
import { FormatError } from "../src/errors.ts";
import { MAX_PART_BYTES, type Pointer, parsePointer, partKey, serialisePointer, versionKey } from "../src/pointer.ts";

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

describe("a pointer", () => {
  it("is read as it was written", () => {
    const { previous: _, ...first } = POINTER;
    for (const pointer of [POINTER, first]) expect(parsePointer(serialisePointer(pointer))).toEqual(pointer);
  });

  it("has its parts and versions beside it, parts by content", () => {
    const [part] = POINTER.parts as [Pointer["parts"][0]];
    expect(partKey("words/current.json", part)).toBe(`words/parts/${digest("0")}`);
    expect(partKey("current.json", part)).toBe(`parts/${digest("0")}`);
    expect(versionKey("a/b/current.json", "v1")).toBe("a/b/versions/v1.json");
  });

  it.each([
    ["{", "expected JSON"],
    ["[]", "the pointer expected an object, got an object"],
    ["null", "the pointer expected an object, got null"],
    [" ".repeat(262145), "expected at most 262144 bytes, got 262145"],
    [{ version: "" }, '"version" expected 1 to 64 letters, digits, "." "_" or "-", got ""'],
    [{ version: "../x" }, '"version" expected 1 to 64 letters'],
    [{ version: "x".repeat(65) }, '"version" expected 1 to 64 letters'],
    [{ version: 7 }, "got 7"],
    [{ sha256: digest("A") }, '"sha256" expected 64 hex digits'],
    [{ byteLength: MAX_PART_BYTES }, `"byteLength" expected the sum of its parts, ${MAX_PART_BYTES + 7}`],
    [{ byteLength: 0 }, '"byteLength" expected an integer from 1'],
    [{ parts: [] }, '"parts" expected an array of 1 to 1024, got 0'],
    [{ parts: undefined }, '"parts" expected an array of 1 to 1024, got undefined'],
    [{ parts: [null] }, '"parts[0]" expected an object, got null'],
    [{ parts: [{ sha256: "../..", byteLength: 1 }] }, '"parts[0].sha256" expected 64 hex digits, got "../.."'],
    [{ parts: [{ sha256: digest("0"), byteLength: MAX_PART_BYTES + 1 }] }, `from 1 to ${MAX_PART_BYTES}, got`],
    [{ parts: [{ sha256: digest("0"), byteLength: 1.5 }] }, '"parts[0].byteLength" expected an integer'],
    [{ previous: "a b" }, '"previous" expected 1 to 64 letters'],
  ])("of %j is refused by name", (fields, message) => {
    const text = typeof fields === "string" ? fields : JSON.stringify({ ...POINTER, ...fields });
    const read = () => parsePointer(text);
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ code: "pointer" }));
  });
});
