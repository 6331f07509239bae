import { expect, test } from "vitest";
import { FormatError } from "../../src/bytes/format-error.ts";

test("an error of another entry of the package, which has a class of its own, is a FormatError", async () => {
  const path = "../../src/bytes/format-error.ts?another";
  const another = ((await import(path)) as { readonly FormatError: typeof FormatError }).FormatError;
  expect(another).not.toBe(FormatError);
  expect(new another("header-json", 8, "it is not JSON")).toBeInstanceOf(FormatError);
  expect(new FormatError("header-json", 8, "it is not JSON")).toBeInstanceOf(another);
});

test("nothing else is a FormatError", () => {
  const others = [new Error("it is not JSON"), new RangeError("file-truncated"), {}, "FormatError", 0, null, undefined];
  for (const other of others) expect(other instanceof FormatError, String(other)).toBe(false);
});
