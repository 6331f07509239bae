// npm run test:kills kills 200 builds of the command line in memory and 200 on disk, and prints what is left. It ends with
// status 1 at the first index that is neither the old one nor the new one.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killBuilds } from "../test/cli/building/killed-builds.ts";
import { bundleCli } from "../test/cli/bundle.ts";

const COUNT = 200;

const { cli, remove } = await bundleCli();
try {
  for (const extra of [[], ["--max-memory", "500"]]) {
    const folder = mkdtempSync(join(tmpdir(), "midx-kills-"));
    const { finished, old, new: replaced, leftBehind } = await killBuilds(cli, folder, COUNT, extra);
    rmSync(folder, { recursive: true });
    const intact = finished + old + replaced;
    console.log(
      `${["midx build", ...extra].join(" ")}: ${intact} of ${COUNT} intact (${old} the old index, ${replaced} the new one, ${finished} done before the kill), ${leftBehind} temporary files left`,
    );
  }
} finally {
  remove();
}
