import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../files.ts";
import { midx } from "../run.ts";
import { succeed } from "../tasks/words.ts";

import { clicks } from "./clicks.ts";

test("a build of parts, which draws no sequences, notes how to measure with some", async () => {
  const folder = makeFolder();
  const model = join(folder, "m.safetensors");
  await midx([
    "train",
    clicks(),
    "--task",
    "next-item",
    "--encoder",
    "gru",
    "--dim",
    "8",
    "--epochs",
    "1",
    "-o",
    model,
  ]);
  const [parts, queries] = [join(folder, "parts"), join(folder, "queries.safetensors")];
  const argv = ["build", model, "--tensor", "classes", "--bias", "bias", "--encoder", model, "--row-type", "f32"];
  const built = await midx([...argv, "--parts", "2", "-o", parts]);
  expect(built.code, built.stderr).toBe(0);
  const commands = [/midx (encode \S+ --sample 400 -o) queries\.safetensors/, /midx (calibrate \S+ --queries) queries/];
  for (const command of commands) {
    const words = command.exec(built.stderr)?.[1]?.split(" ") as string[];
    expect(await midx([...words, queries])).toMatchObject({ code: 0 });
  }
  const off = await midx([...argv, "--parts", "2", "--calibrate", "off", "-o", join(folder, "other")]);
  expect(off.stderr).not.toContain("--sample");
});

test("a compaction of such parts runs no encoder, so it carries over what sequences have measured", async () => {
  const folder = makeFolder();
  const at = (name: string): string => join(folder, name);
  const [model, labels, parts, removals] = [
    at("m.safetensors"),
    at("l.txt"),
    at("parts/manifest.json"),
    at("gone.txt"),
  ];
  const training = ["train", clicks(), "--task", "next-item", "--encoder", "gru", "--dim", "8", "--epochs", "1"];
  await succeed(...training, "-o", model, "--labels-out", labels);
  const argv = ["build", model, "--tensor", "classes", "--bias", "bias", "--encoder", model, "--row-type", "f32"];
  await succeed(...argv, "--parts", "2", "-o", at("parts"));
  await succeed("encode", parts, "--sample", "200", "-o", at("q.safetensors"));
  await succeed("calibrate", parts, "--queries", at("q.safetensors"));
  writeFileSync(removals, `${readFileSync(labels, "utf8").split("\n")[0]}\n`);
  await succeed("changes", parts, "--removals", removals, "-o", at("gone.midxd"));
  const compact = async (name: string, ...options: string[]) => {
    await succeed("compact", parts, "--changes", at("gone.midxd"), "-o", at(`parts/${name}`), ...options);
    return JSON.parse(readFileSync(at(`parts/${name}`), "utf8"));
  };
  const { calibration } = JSON.parse(readFileSync(parts, "utf8"));
  expect(calibration).toMatchObject({ source: "queries", queryCount: 200 });
  expect(await compact("new.json")).toMatchObject({ calibration, log: { sequence: 1, carried: true } });
  const measured = await compact("measured.json", "--queries", at("q.safetensors"));
  expect(measured.calibration).toMatchObject({ source: "queries" });
  expect(measured.log).toEqual({ sequence: 1 });
});
