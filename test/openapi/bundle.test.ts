import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { FIELDS } from "../../worker/contract/fields.ts";
import { described } from "./service.ts";

/** The descriptions in the document. It leaves out short ones, such as titles of problems, which the Worker contains too. */
function* descriptionsIn(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inside] of Object.entries(value)) {
    if (key === "description" && typeof inside === "string" && inside.length >= 12) yield inside;
    else yield* descriptionsIn(inside);
  }
}

test("the Worker's bundle has no description of a field, and no schema of an answer", async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../worker/index.ts", import.meta.url))],
    bundle: true,
    minify: true,
    charset: "utf8",
    format: "esm",
    target: "es2022",
    external: ["*.wasm"],
    write: false,
  });
  const text = outputFiles[0]?.text ?? "";
  const { schemas } = described.document.components;
  const descriptions = [...descriptionsIn(schemas), ...Object.values(FIELDS).map(({ description }) => description)];
  expect(descriptions.length).toBeGreaterThan(100);
  expect(text).toContain("is not a field of this request");
  expect(descriptions.filter((description) => text.includes(description))).toEqual([]);
});
