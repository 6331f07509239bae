import type { TablePart } from "../evaluating/table-part.ts";
import { loadHere } from "../files/load-here.ts";
import type { Progress } from "../output/progress.ts";
import type { FilesOfManifest } from "../publishing/publish-manifest.ts";

/** The parts of a manifest, each of which is loaded anew when it is used. */
export const partsOfManifest = (
  { manifest, openPart }: FilesOfManifest,
  { report }: Progress,
  signal: AbortSignal,
): TablePart[] =>
  manifest.parts.map((part, done) => ({
    classes: part.classes,
    async use(action) {
      signal.throwIfAborted();
      report({ phase: "read", done, total: manifest.parts.length });
      const index = await loadHere(await openPart(part));
      try {
        return await action(index);
      } finally {
        index.dispose();
      }
    },
  }));
