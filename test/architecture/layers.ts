/**
 * The layers of a part of the program, the lowest first. A layer is a list of folders. A file may import, values as well as
 * types, from its own folder and from the layers below. ARCHITECTURE.md says what each folder is for.
 */
export interface Part {
  /** A folder that ends in "/*" means the files directly in it. */
  readonly layers: readonly (readonly string[])[];
  /** The other parts, or folders of them, that its files may import. */
  readonly others: readonly string[];
}

export const PARTS: Readonly<Record<string, Part>> = {
  library: {
    layers: [
      ["src/abi.ts", "src/version.ts"],
      ["src/arithmetic"],
      ["src/checks"],
      ["src/bytes"],
      ["src/format"],
      ["src/memory"],
      ["src/columns"],
      ["src/answers"],
      ["src/decode"],
      ["src/batch"],
      ["src/threads"],
      ["src/index"],
      ["src/parts"],
      ["src/encoder"],
      ["src/changes"],
      ["src/publication"],
      ["src/*"],
    ],
    others: ["build"],
  },
  training: {
    layers: [
      ["src/train/runtime", "src/train/arithmetic"],
      ["src/train/random"],
      ["src/train/rows"],
      ["src/train/stand-ins"],
      ["src/train/kmeans"],
      ["src/train/codes"],
      ["src/train/fitting"],
      ["src/train/recall"],
      ["src/train/calibration"],
      ["src/train/build"],
      ["src/train/compaction"],
      ["src/train/samplers"],
      ["src/train/loss"],
      ["src/train/model", "src/train/evaluation", "src/train/policy"],
      ["src/train/sequences"],
      ["src/train/*"],
    ],
    others: ["build", "src"],
  },
  service: {
    layers: [
      ["worker/contract"],
      ["worker/host"],
      ["worker/middleware"],
      ["worker/request"],
      ["worker/publication"],
      ["worker/telemetry"],
      ["worker/vectorize", "worker/endpoints"],
      ["worker/parts", "worker/sequences"],
      ["worker/router"],
      ["worker/environment"],
      ["worker/live"],
      ["worker/client", "worker/openapi"],
      ["worker/compactor"],
      ["worker/*"],
    ],
    others: [
      ...["src/public.ts", "src/internal.ts", "src/workerd.ts", "src/publication", "src/parts"],
      ...["src/changes", "src/encoder", "src/train/compaction"],
    ],
  },
  commands: {
    layers: [
      ["src/cli/process"],
      ["src/cli/files", "src/cli/output"],
      ["src/cli/remote"],
      ["src/cli/inputs"],
      ["src/cli/arguments", "src/cli/scratch"],
      [
        "src/cli/threads",
        "src/cli/training",
        "src/cli/evaluating",
        "src/cli/policy",
        "src/cli/publishing",
        "src/cli/serving",
      ],
      ["src/cli/hosting"],
      [
        "src/cli/streaming",
        "src/cli/calibrating",
        "src/cli/asking",
        "src/cli/changing",
        "src/cli/drift",
        "src/cli/segments",
      ],
      ["src/cli/building", "src/cli/reporting"],
      ["src/cli/tasks"],
      ["src/cli/queue", "src/cli/compacting"],
      ["src/cli/commands"],
      ["src/cli/*"],
    ],
    others: ["src", "worker"],
  },
  page: {
    layers: [["page"]],
    others: ["src", "worker/client.ts", "worker/contract/limits.ts", "examples/text", "examples/shop"],
  },
};

/** The layer and the folder of a file, or undefined if it is not in this part. */
function placeOf(file: string, { layers }: Part): { readonly layer: number; readonly folder: string } | undefined {
  for (const [layer, folders] of layers.entries()) {
    const folder = folders.find((name) => isIn(file, name));
    if (folder !== undefined) return { layer, folder };
  }
  return undefined;
}

/** Returns whether a file belongs to a folder or part with this name. */
function isIn(file: string, name: string): boolean {
  if (!name.endsWith("/*")) return file === name || file.startsWith(`${name}/`);
  const folder = name.slice(0, -1);
  return file.startsWith(folder) && !file.slice(folder.length).includes("/");
}

/** Says why an import is not allowed; undefined if it is. */
export function violationOf(file: string, target: string, parts = PARTS): string | undefined {
  const home = Object.values(parts).find((part) => placeOf(file, part));
  if (home === undefined) return `${file} is in no folder of the table`;
  const own = placeOf(file, home);
  const other = placeOf(target, home);
  if (own && other) {
    const isBelow = other.layer < own.layer || other.folder === own.folder;
    return isBelow ? undefined : `${file} imports ${target}, which is not in a lower layer`;
  }
  return home.others.some((name) => isIn(target, name)) ? undefined : `${file} may not import ${target}`;
}
