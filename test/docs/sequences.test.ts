import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../cli/files.ts";
import { blocksOf } from "./pages.ts";

test("the program of docs/sequences.md makes sequences of a table of clicks", async () => {
  const folder = makeFolder();
  const clicks = ["a,x,2026-11-02", "b,y,2026-11-01", "a,z,2026-11-01", "a,9,2026-11-01", "b,x,2026-11-03"];
  writeFileSync(join(folder, "clicks.csv"), `session,item,time\r\n${clicks.join("\r\n")}\r\n`);
  const [program = ""] = blocksOf("docs/sequences.md", "js").filter((block) => block.includes("clicks.csv"));
  const path = join(folder, "program.js");
  writeFileSync(path, program.replaceAll(/"(?=\w+\.(?:csv|jsonl))/g, `"${folder}/`));
  await import(path);
  // Every twentieth session is held out, the first one here. Equal times keep the order of the table.
  expect(readFileSync(join(folder, "valid.jsonl"), "utf8")).toBe('{"items":["z","9","x"]}\n');
  expect(readFileSync(join(folder, "clicks.jsonl"), "utf8")).toBe('{"items":["y","x"]}\n');
});
