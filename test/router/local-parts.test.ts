import { open } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { localPart } from "../../src/cli/hosting/local-parts.ts";
import type { ManifestPart } from "../../src/publication/manifest.ts";
import { Gate } from "../../worker/router/gate.ts";
import { partedFiles } from "./parted-files.ts";

const ASKING = { deadlineMs: 1000, hedgeMs: 1000, gate: new Gate(1) };

test("a part of this process whose file is damaged is missing, and there again when the file is", async () => {
  const { manifest, files } = await partedFiles({ version: "one", seed: 9, sizes: [30, 20] });
  const [good] = files as [Uint8Array<ArrayBuffer>];
  let file = good.slice(0, 100);
  const openPart = vi.fn(async () => file);
  const part = localPart({ manifest, openPart }, manifest.parts[0] as ManifestPart);
  const now = vi.spyOn(performance, "now").mockReturnValue(0);
  await expect(part.describe(ASKING)).rejects.toMatchObject({ name: "PartFailure" });
  file = good;
  now.mockReturnValue(900);
  await expect(part.describe(ASKING), "its file is not read for every request").rejects.toMatchObject({
    name: "PartFailure",
  });
  expect(openPart).toHaveBeenCalledTimes(1);
  now.mockReturnValue(1000);
  expect(await part.describe(ASKING)).toMatchObject({ itemCount: 30 });
  now.mockReturnValue(9000);
  await part.describe(ASKING);
  expect(openPart).toHaveBeenCalledTimes(2);
  now.mockRestore();
});

test("a part of this process whose file is gone is missing, and the reason is in plain words", async () => {
  const { manifest } = await partedFiles({ version: "one", seed: 9, sizes: [30, 20] });
  const openPart = async () => {
    await open("none/part-0000.midx");
    return new Uint8Array();
  };
  const part = localPart({ manifest, openPart }, manifest.parts[0] as ManifestPart);
  await expect(part.describe(ASKING)).rejects.toMatchObject({
    name: "PartFailure",
    message: "none/part-0000.midx: there is no such file or folder (ENOENT)",
  });
});
