import { type Part, type PartialAnswer, partOf, type Question } from "../../src/parts/index.ts";
import type { MultiIndex } from "../../src/public.ts";
import type { ManifestPart } from "../../src/publication/manifest.ts";
import { SWAP_BYTES } from "../../src/publication/publishing/successor.ts";
import { INDEX_LIMITS } from "../contract/limits.ts";
import { Problem } from "../contract/problem.ts";
import type { Served } from "../host/host.ts";
import { ageOf } from "../publication/age-of.ts";
import { IndexSlot } from "../publication/index-slot.ts";
import type { PublishedManifest } from "../publication/manifest-at.ts";
import type { Load, Loaded } from "../publication/open-publication.ts";
import type { Publication, Publisher } from "../publication/publication.ts";
import { invalidField } from "../request/invalid-field.ts";
import type { AskedParts } from "./asked-parts.ts";
import type { ChangeTaking } from "./change-taking.ts";
import { type ChangingPart, whileKept } from "./changing-part.ts";
import { PartProblem } from "./part-problem.ts";
import { PARTS_HEADER } from "./protocol.ts";

/**
 * The number of generations that a host keeps if its memory has room: routers that have not seen a new one ask for the last, and
 * a canary answers beside the current one.
 */
const MOST_GENERATIONS = 2;
/**
 * So many publications before the current one are looked through for a generation. A router that cannot take up the newer ones,
 * because a host of other parts lacks them, still asks for it.
 */
const MOST_BEFORE = 8;
/**
 * The time in ms, after a look that did not find a generation, in which questions about it are refused without another look.
 */
const LOOK_MS = 200;

/** A part in memory. */
interface LoadedPart extends Loaded {
  readonly index: MultiIndex;
  readonly part: Part;
  /** The facts about its file. */
  readonly described: MultiIndex["info"];
  /** Undefined for a part that takes no changes. */
  readonly changes: ChangingPart | undefined;
  /** The bytes that it takes when its room for changes is full. */
  readonly memoryBytes: number;
}

/** A part that answers as long as it is kept. */
export interface KeptPart extends Omit<LoadedPart, "part"> {
  /** @throws Problem `unknown_generation` if another generation has taken its place */
  answer(question: Question): PartialAnswer | Promise<PartialAnswer>;
}

/** A part of a generation, which is loaded or loading. */
interface Kept {
  readonly generation: string;
  readonly slot: IndexSlot;
  /** As its manifest states them, with the room of another part, until it is loaded. */
  memoryBytes: number;
  /** The place of its last answer among all answers, from 1 on. 0 if it has given none. */
  lastAnswer: number;
  /** True once another generation has taken its place. */
  isDropped: boolean;
  open(): Promise<LoadedPart>;
}

interface Found {
  readonly published: PublishedManifest;
  /** The generations that stay, whether there is memory for this one or not. */
  readonly stay: ReadonlySet<string>;
}

/** The environment of a request to a host of parts. */
export interface KeeperEnvironment {
  readonly publisher: Publisher<PublishedManifest>;
  readonly keepAlive: (work: Promise<unknown>) => void;
}

/**
 * The parts that this isolate has loaded, by generation and number. A question about a generation that is published loads its
 * part. If both do not fit in memory, the current one takes the place of another one, and a canary that of the one before.
 */
export class PartKeeper {
  readonly #load: Load;
  readonly #mostBytes: number;
  readonly #taking: ChangeTaking | undefined;
  /** The part that was loaded last is at the end. */
  readonly #kept = new Map<string, Kept>();
  /** The bytes that a part takes beyond what its manifest states, which has no room for changes. */
  #roomBytes = 0;
  #answers = 0;
  #refused = { generation: "", at: 0 };

  constructor(load: Load, mostBytes = SWAP_BYTES, taking?: ChangeTaking) {
    this.#load = load;
    this.#mostBytes = mostBytes;
    this.#taking = taking;
  }

  /** The part that was loaded last. */
  get current(): Served | undefined {
    return [...this.#kept.values()].at(-1)?.slot.current;
  }

  /** @throws Problem `unknown_generation` if no publication has this generation, or its own problem if it cannot be served */
  async obtain({ generation, numbers }: AskedParts, environment: KeeperEnvironment): Promise<KeptPart> {
    const [number = 0] = numbers;
    const key = keyOf(generation, number);
    const kept = this.#kept.get(key) ?? (await this.#open(key, generation, number, environment));
    const loaded = (await kept.slot.get(() => kept.open(), environment.keepAlive)) as LoadedPart;
    if (kept.isDropped) loaded.index.dispose(); // it was loaded too late
    return this.#answering(kept, loaded);
  }

  /** Returns the part if it is in memory, without the promises and the timer of a load. */
  inMemory({ generation, numbers: [number = 0] }: AskedParts): KeptPart | undefined {
    const kept = this.#kept.get(keyOf(generation, number));
    const loaded = kept?.slot.current as LoadedPart | undefined;
    return kept && loaded && this.#answering(kept, loaded);
  }

  #answering(kept: Kept, loaded: LoadedPart): KeptPart {
    const requireKept = (): void => {
      if (kept.isDropped) throw unknownGeneration(kept.generation);
    };
    return {
      ...loaded,
      answer: (question) => {
        requireKept();
        kept.lastAnswer = ++this.#answers;
        return loaded.part.answer(question);
      },
      changes: loaded.changes && whileKept(loaded.changes, requireKept),
    };
  }

  async #open(key: string, generation: string, number: number, { publisher }: KeeperEnvironment): Promise<Kept> {
    const { published, stay } = await this.#find(generation, publisher);
    const part = published.manifest.parts.find((each) => each.number === number);
    if (!part) throw invalidField(PARTS_HEADER, `parts of the manifest, got ${number}`);
    const known = this.#kept.get(key); // another request may have opened it meanwhile
    if (known) return known;
    const memoryBytes = part.memoryBytes + this.#roomBytes;
    if (!this.#makeRoom(memoryBytes, stay)) throw unknownGeneration(generation);
    const kept: Kept = {
      generation,
      slot: new IndexSlot(),
      memoryBytes,
      lastAnswer: 0,
      isDropped: false,
      open: async () => {
        const loaded = await this.#loadPart(published, part);
        kept.memoryBytes = loaded.memoryBytes;
        return loaded;
      },
    };
    this.#kept.set(key, kept);
    return kept;
  }

  /** Looks for a generation among the current publication, its canary and those before. */
  async #find(generation: string, publisher: Publisher<PublishedManifest>): Promise<Found> {
    const isRefused = this.#refused.generation === generation && ageOf(this.#refused.at) < LOOK_MS;
    if (isRefused) throw unknownGeneration(generation);
    const current = await publisher.look();
    const published = await current?.open();
    const own = published?.manifest.generation ?? "";
    if (published && own === generation) return { published, stay: new Set() };
    const canary = await (await current?.canary?.look())?.open();
    const tried = canary?.manifest.generation ?? "";
    // If routers ask for two generations in turn, the current one answers.
    if (canary && tried === generation) return { published: canary, stay: new Set([own]) };
    const before = await earlierOf(current, generation);
    if (before) return { published: before, stay: new Set([own, tried]) };
    this.#refused = { generation, at: Date.now() };
    throw unknownGeneration(generation);
  }

  /**
   * Drops parts until another one fits, and returns whether it does. Those that have not answered for the longest time go first: a
   * router may still ask for an older generation, and have refused a newer one. An answer is made at once, so that none is in use.
   */
  #makeRoom(memoryBytes: number, stay: ReadonlySet<string>): boolean {
    for (const [key, dropped] of [...this.#kept].sort(([, a], [, b]) => a.lastAnswer - b.lastAnswer)) {
      if (!this.#isFull(memoryBytes)) break;
      if (stay.has(dropped.generation)) continue;
      this.#kept.delete(key);
      dropped.isDropped = true;
      dropped.slot.current?.index.dispose();
    }
    return !this.#isFull(memoryBytes);
  }

  #isFull(memoryBytes: number): boolean {
    const sum = [...this.#kept.values()].reduce((total, kept) => total + kept.memoryBytes, memoryBytes);
    return this.#kept.size > 0 && (this.#kept.size >= MOST_GENERATIONS || sum > this.#mostBytes);
  }

  async #loadPart({ manifest, openPart }: PublishedManifest, stated: ManifestPart): Promise<LoadedPart> {
    const { version, generation, facts } = manifest;
    const { number, classes } = stated;
    const source = await openPart(stated);
    const opened = this.#taking
      ? await this.#taking.open(this.#load, source, manifest.log?.sequence ?? 0)
      : { index: (await this.#load(source, INDEX_LIMITS)) as MultiIndex, changes: undefined, memoryBytes: 0 };
    const { index, changes } = opened;
    const { itemCount, dim, metric } = index.info;
    if (itemCount !== classes || dim !== facts.dim || metric !== facts.metric) {
      index.dispose();
      const found = `${itemCount} classes of ${dim} values by ${metric}`;
      throw new Problem("index_invalid", `part ${number} is not the one that the manifest states: it has ${found}`);
    }
    const memoryBytes = Math.max(opened.memoryBytes, stated.memoryBytes);
    this.#roomBytes = memoryBytes - stated.memoryBytes;
    const part = partOf(index, { number, generation });
    return { index, version, tag: generation, contract: undefined, part, described: index.info, changes, memoryBytes };
  }
}

/** Looks for a generation among the publications before the current one, as far as `midx prune` has left them. */
async function earlierOf(
  current: Publication<PublishedManifest> | undefined,
  generation: string,
): Promise<PublishedManifest | undefined> {
  let before = await current?.previous?.();
  for (let step = 0; before && step < MOST_BEFORE; step++) {
    const published = await before.open();
    if (published.manifest.generation === generation) return published;
    before = await before.previous?.().catch(() => undefined);
  }
  return undefined;
}

const keyOf = (generation: string, number: number): string => `${generation} ${number}`;

const unknownGeneration = (generation: string): PartProblem =>
  new PartProblem("unknown_generation", `generation ${generation} is not served here`);
