import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { routerApp } from "../../src/cli/hosting/manifest-apps.ts";
import { makeFolder, writeInput } from "../cli/files.ts";
import { midx } from "../cli/run.ts";

// Parts take the weights of an encoder of PyTorch as one index does. The queries are those that PyTorch made.

const FOLDER = "test/encoder/pytorch";
const made = JSON.parse(readFileSync(join(FOLDER, "queries.json"), "utf8"));
const env = { incoming: { socket: { remoteAddress: "reader" } } };

const built = async (name: string, names: object, ...options: string[]) => {
  const file = join(FOLDER, `${name}.safetensors`);
  const output = join(makeFolder(), "items");
  const given = ["--tensor", "items.weight", "--encoder", file, "--encoder-names"];
  const argv = ["build", file, ...given, writeInput("names.json", JSON.stringify(names)), "--row-type", "f32"];
  return { output, ...(await midx([...argv, "--calibrate", "off", "--parts", "3", ...options, "-o", output])) };
};

describe("an index in parts with an encoder of PyTorch", () => {
  test.each([
    ["tied", { "projection.weight": "out.weight", "projection.bias": "out.bias" }],
    ["sasrec", { "attention.heads": "2" }],
  ])("makes the queries that PyTorch made: %s", async (name, names) => {
    const { code, stderr, output } = await built(name, names);
    expect(code, stderr).toBe(0);
    const app = routerApp(
      { path: join(output, "manifest.json"), refreshSeconds: undefined, digest: undefined },
      { origins: undefined, groups: undefined, token: undefined },
    );
    for (const [i, sequence] of made.sequences.entries()) {
      const request = { method: "POST", headers: { "content-type": "application/json" } };
      const response = await app.request("/v1/encode", { ...request, body: JSON.stringify({ sequence }) }, env);
      const answer = await response.json();
      expect(response.status, JSON.stringify(answer)).toBe(200);
      for (const [d, value] of made[name][i].entries()) expect(answer.vector[d]).toBeCloseTo(value, 5);
    }
  });

  test("is refused with vectors of its own, and without the names that one index needs", async () => {
    const own = await built("own", { features: "read.weight" });
    expect(own.code).toBe(2);
    expect(own.stderr).toContain("expected a tied encoder, which reads the rows, got one with vectors of its own");
    const unnamed = await built("tied", {});
    expect(unnamed.stderr).toContain("states have 12 values and classes 8: name the projection");
  });
});
