import { describe, expect, it } from "vitest";
import { count, digits, duration, megabytes, percent, worth } from "../../page/numbers.ts";
import { matchingContexts } from "../../page/query/matching-contexts.ts";
import { parseVector } from "../../page/query/vector.ts";
import { errorText } from "../../page/top/top-rows.ts";

describe("a pasted vector", () => {
  it("is an array of numbers, rounded to f32", () => {
    expect(parseVector(" [0.1, -2,\n3e2] ", 3)).toEqual(Float32Array.of(0.1, -2, 300));
  });

  it.each([
    ["[1, 2]", '"vector" expected 3 numbers, got 2'],
    ["[1, 2, 3, 4]", '"vector" expected 3 numbers, got 4'],
    ['[1, "2", 3]', '"vector[1]" expected a number that f32 can hold, got "2"'],
    ["[1, 2, null]", '"vector[2]" expected a number that f32 can hold, got null'],
    ["[1e39, 2, 3]", '"vector[0]" expected a number that f32 can hold, got 1e+39'],
    ['{"vector": [1]}', '"vector" expected an array of 3 numbers, got {"vector":[1]}'],
    ["", '"vector" expected JSON such as'],
    ["[1, 2, 3", '"vector" expected JSON such as'],
  ])("is refused with the position that is wrong: %s", (text, message) => {
    expect(() => parseVector(text, 3)).toThrow(message);
  });
});

describe("the search for contexts", () => {
  const contexts = ["of the television series", "Series of talks", "on the radio", "in N N"];

  it("finds those that have words that begin as all of the typed ones, whatever their case and order", () => {
    expect(matchingContexts(contexts, "", 9)).toEqual([0, 1, 2, 3]);
    expect(matchingContexts(contexts, "SER of", 9)).toEqual([0, 1]);
    expect(matchingContexts(contexts, "the ra ", 9)).toEqual([2]);
    expect(matchingContexts(contexts, "vision", 9)).toEqual([]);
  });

  it("ends at its limit", () => {
    expect(matchingContexts(contexts, "", 2)).toEqual([0, 1]);
  });
});

describe("the text of an error bar", () => {
  it.each([
    [{ served: 0.102, low: 0.0985, high: 0.1057 }, "± 0.36"],
    [{ served: 0.02, low: 0.0194, high: 0.0206 }, "± 0.06"],
    [{ served: 0.4, low: 0.4, high: 0.4 }, "± 0"],
    [{ served: 0.461, low: 0.182, high: 1 }, "(18–100)"],
  ])("is half of it, or its ends where it is uneven: %j", (bar, text) => {
    expect(errorText({ name: "", exact: 0, ...bar })).toBe(text);
  });
});

describe("numbers as text", () => {
  it("have their significant digits", () => {
    expect([0, 1, 0.1015, 0.03724, 0.000123, 1.2e-7].map((value) => percent(value))).toEqual([
      "0",
      "100",
      "10.2",
      "3.72",
      "0.0123",
      "1.2e−5",
    ]);
    expect([1234567, 12].map(count)).toEqual(["1,234,567", "12"]);
    expect([42.4, 8.16, 1234].map(duration)).toEqual(["42 µs", "8.2 µs", "1.2 ms"]);
    expect([1456464, 94_400_000].map(megabytes)).toEqual(["1.5 MB", "94 MB"]);
    expect(percent(0.1234, 2)).toBe("12");
    expect([0.314, 9.04, 90.4, 1234].map(worth)).toEqual(["0.31", "9.0", "90", "1,234"]);
    expect(digits(-0.01234, 2)).toBe("-0.012");
  });
});
