import type { PartInfo, PartialAnswer, Question } from "../../src/parts/index.ts";
import type { Manifest, ManifestPart } from "../../src/publication/manifest.ts";
import type { GroupInfo } from "../parts/answering-part.ts";
import { PartFailure } from "../parts/part-failure.ts";
import type { Asking, PartClient } from "./part-client.ts";

/** Parts that are asked together, over fetch or in this process. */
export interface GroupSource {
  readonly numbers: readonly number[];
  describe(asking: Asking): Promise<GroupInfo>;
  answer(questions: readonly Question[], asking: Asking): Promise<readonly PartialAnswer[]>;
  /** Asks for the encoder of the parts. Undefined if they have none. */
  encoder(asking: Asking): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** The client of parts elsewhere. */
  readonly client?: PartClient;
  /**
   * Returns the popularity band of a class, by its id within the group, and keeps nothing else. Of parts elsewhere, those of the best
   * classes of the last answers are known; 0 stands for the others.
   */
  readonly bandIn: (id: number) => number;
}

/** Parts that are asked together, with their classes among all. */
export class RoutedGroup {
  readonly numbers: readonly number[];
  /** The parts, in the order of their ids. */
  readonly parts: readonly ManifestPart[];
  readonly classes: number;
  readonly #facts: Manifest["facts"];
  readonly #source: GroupSource;
  #described: GroupInfo | undefined;

  constructor(source: GroupSource, parts: readonly ManifestPart[], { facts }: Manifest) {
    this.numbers = source.numbers;
    this.parts = parts;
    this.classes = parts.reduce((sum, { classes }) => sum + classes, 0);
    this.#facts = facts;
    this.#source = source;
  }

  /** The client of parts elsewhere. Undefined for parts in this process. */
  get client(): PartClient | undefined {
    return this.#source.client;
  }

  /** True for parts that can be asked: they are in this process, or have at least one host. */
  get hasHost(): boolean {
    return this.client?.hosts.length !== 0;
  }

  /** Returns the popularity band of a class, by its id within the group, if it is known. */
  get bandIn(): (id: number) => number {
    return this.#source.bandIn;
  }

  /** The facts that the parts have reported. Undefined until they have. */
  get described(): GroupInfo | undefined {
    return this.#described;
  }

  /** Asks for the facts, unless they are known. They must be those of the manifest. */
  async learn(asking: Asking): Promise<GroupInfo> {
    if (this.#described) return this.#described;
    const info = await this.#source.describe(asking);
    const { dim, metric, hasLabels } = this.#facts;
    if (info.hasLabels !== hasLabels) {
      throw new PartFailure(
        `it has ${info.hasLabels ? "" : "no "}labels, the manifest has ${hasLabels ? "some" : "none"}`,
      );
    }
    if (info.itemCount !== this.classes || info.dim !== dim || info.metric !== metric) {
      throw new PartFailure(
        `it has ${info.itemCount} classes of ${info.dim} values, the manifest ${this.classes} of ${dim}`,
      );
    }
    this.#described = info;
    return info;
  }

  answer(questions: readonly Question[], asking: Asking): Promise<readonly PartialAnswer[]> {
    return this.#source.answer(questions, asking);
  }

  encoder(asking: Asking): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#source.encoder(asking);
  }

  /** The facts that the share of a question depends on. */
  get info(): PartInfo {
    const { dim, metric, hasLabels } = this.#facts;
    const { hasFineCodes = false, recallCurves = [] } = this.#described ?? {};
    const hasRecallCurve = recallCurves.some(({ points }) => points.length > 0);
    return { itemCount: this.classes, dim, metric, hasFineCodes, hasLabels, hasRecallCurve, numbers: this.numbers };
  }
}
