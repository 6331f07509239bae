import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { messageOf } from "../../src/cli/process/error-message.ts";
import { makeFolder } from "./files.ts";

test("a wait that a signal ends has the message of the signal", async () => {
  const error = await sleep(10_000, undefined, { signal: AbortSignal.abort(new Error("interrupted")) }).catch(
    (reason) => reason,
  );
  expect(messageOf(error)).toBe("interrupted");
});

test("a file in the place of a folder is named in plain words", () => {
  const path = join(makeFolder(), "log");
  writeFileSync(path, "");
  let error: unknown;
  try {
    mkdirSync(path);
  } catch (thrown) {
    error = thrown;
  }
  expect(messageOf(error)).toBe(`${path}: something else has this name (EEXIST)`);
});
