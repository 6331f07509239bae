/**
 * Who may know whom. A house is a list of floors, the lowest first; a floor is the rooms that stand on it side by side. A file
 * may import, values as well as types, from its own room and from the floors below it. ARCHITECTURE.md says what each room
 * is for.
 */
export interface House {
  /** Rooms are folders; a folder ending in "/*" means the files that lie directly in it. */
  readonly floors: readonly (readonly string[])[];
  /** What else its files may import: other houses, or rooms of them. */
  readonly guests: readonly string[];
}

export const HOUSES: Readonly<Record<string, House>> = {
  library: {
    floors: [
      ["src/abi.ts", "src/version.ts"],
      ["src/checks"],
      ["src/bytes"],
      ["src/format"],
      ["src/memory"],
      ["src/answers"],
      ["src/index"],
      ["src/publication"],
      ["src/*"],
    ],
    guests: ["build"],
  },
  training: {
    floors: [
      ["src/train/runtime", "src/train/arithmetic"],
      ["src/train/random"],
      ["src/train/rows"],
      ["src/train/kmeans"],
      ["src/train/codes"],
      ["src/train/fitting"],
      ["src/train/recall"],
      ["src/train/build"],
      ["src/train/samplers"],
      ["src/train/loss"],
      ["src/train/model", "src/train/evaluation"],
      ["src/train/*"],
    ],
    guests: ["build", "src"],
  },
  service: {
    floors: [
      ["worker/contract"],
      ["worker/host"],
      ["worker/middleware"],
      ["worker/request"],
      ["worker/publication"],
      ["worker/telemetry"],
      ["worker/vectorize", "worker/endpoints"],
      ["worker/environment", "worker/client", "worker/openapi"],
      ["worker/*"],
    ],
    guests: ["src/public.ts", "src/internal.ts", "src/workerd.ts", "src/publication"],
  },
  commands: {
    floors: [
      ["src/cli/process"],
      ["src/cli/files", "src/cli/output"],
      ["src/cli/inputs"],
      ["src/cli/arguments", "src/cli/scratch"],
      ["src/cli/threads", "src/cli/training", "src/cli/evaluating", "src/cli/publishing", "src/cli/serving"],
      ["src/cli/streaming"],
      ["src/cli/building"],
      ["src/cli/commands"],
      ["src/cli/*"],
    ],
    guests: ["src", "worker"],
  },
  page: { floors: [["page"]], guests: ["src"] },
};

/** The floor of a file in a house, and its room; undefined where it does not live there. */
function roomOf(file: string, { floors }: House): { readonly floor: number; readonly room: string } | undefined {
  for (const [floor, rooms] of floors.entries()) {
    const room = rooms.find((name) => isIn(file, name));
    if (room !== undefined) return { floor, room };
  }
  return undefined;
}

/** Whether a file is what a name of a room or of a house stands for. */
function isIn(file: string, name: string): boolean {
  if (!name.endsWith("/*")) return file === name || file.startsWith(`${name}/`);
  const folder = name.slice(0, -1);
  return file.startsWith(folder) && !file.slice(folder.length).includes("/");
}

/** What is wrong with an import, or undefined. */
export function objectionTo(file: string, target: string, houses = HOUSES): string | undefined {
  const home = Object.values(houses).find((house) => roomOf(file, house));
  if (home === undefined) return `${file} stands in no room`;
  const own = roomOf(file, home);
  const other = roomOf(target, home);
  if (own && other) {
    const isBelow = other.floor < own.floor || other.room === own.room;
    return isBelow ? undefined : `${file} looks up, or next door, to ${target}`;
  }
  return home.guests.some((guest) => isIn(target, guest)) ? undefined : `${file} must not know ${target}`;
}
