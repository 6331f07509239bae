import { expect, test } from "vitest";
import { textsOf } from "../../../src/cli/remote/s3-answers.ts";

test("texts of an S3 listing have the characters that entities stand for", () => {
  const keys = ["a&amp;b", "joe&#39;s", "joe&#x27;s", "&#128512;", "&#9999999;", "&unknown;", "&lt;&#38;lt;"];
  const xml = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join("");
  expect(textsOf(xml, "Key")).toEqual(["a&b", "joe's", "joe's", "😀", "&#9999999;", "&unknown;", "<&lt;"]);
});
