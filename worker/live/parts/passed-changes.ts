import { Problem } from "../../contract/problem.ts";
import { firstState, sequenceIn } from "../../parts/changes-state.ts";
import type { ChangeFacts, ChangingPart, FileIds } from "../../parts/changing-part.ts";
import { ChangesDiffer, PartAhead, PartFailure } from "../../parts/part-failure.ts";
import { OtherChanges, PartProblem } from "../../parts/part-problem.ts";
import type { AskedChanges, Asking } from "../../router/part-client.ts";
import type { RoutedGroup } from "../../router/routed-group.ts";
import { decodePartChanges, encodePartChanges, type SentChanges } from "./changes-message.ts";
import { ofAllParts } from "./of-all-parts.ts";
import { type BroughtChanges, type PartChanger, partChangerOf } from "./part-changer.ts";
import { ReachedStates } from "./reached-states.ts";

/** The places of the parts of a group among those of the router: from `begin` on, before `end`. */
interface Range {
  readonly begin: number;
  readonly end: number;
}

/** Changes that came in one message, with the numbers of the first and the last state. */
interface Passed extends SentChanges {
  readonly added: readonly (readonly number[])[];
  readonly begin: number;
  readonly end: number;
}

/**
 * The changes of some parts behind a router that has no log: the router above sends them. It keeps which part has each added class,
 * so that it knows their ids, and no rows. A part that lacks changes gets them from above.
 */
export class PassedChanges implements ChangingPart {
  readonly first: string;
  readonly #sequence: number;
  readonly #groups: readonly RoutedGroup[];
  readonly #ranges: readonly Range[];
  readonly #changers: readonly PartChanger[];
  readonly #asking: () => Asking;
  readonly #states: ReachedStates;
  #asked: AskedChanges | undefined;

  /** `sequence` is the number of the last change that the files have. */
  constructor(groups: readonly RoutedGroup[], sequence: number, asking: () => Asking) {
    this.#groups = groups;
    this.#changers = groups.map(partChangerOf);
    this.#ranges = rangesOf(groups);
    this.#asking = asking;
    this.#sequence = sequence;
    this.first = firstState(sequence);
    this.#states = new ReachedStates(sequence, this.first);
  }

  get state(): string {
    return this.#states.at(this.#states.last) as string;
  }

  has(state: string): boolean {
    return this.#states.at(sequenceIn(state)) === state;
  }

  async facts(): Promise<readonly ChangeFacts[]> {
    return this.#all((changer, asking) => changer.facts(asking));
  }

  async fileIds(labels: readonly string[]): Promise<readonly FileIds[]> {
    return this.#all((changer, asking) => changer.fileIds(labels, asking));
  }

  /** Takes changes, and brings every part those of its classes. */
  async take(message: Uint8Array): Promise<void> {
    const passed = this.#keep(decoded(message, this.#groups.flatMap(({ parts }) => parts).length));
    const asking = this.#asking();
    const behind: string[] = [];
    const bringing = this.#changers.map((changer, i) =>
      changer.bring(this.#to(this.#ranges[i] as Range, passed, behind), asking).catch((error: unknown) => {
        // A part that lacks earlier changes is named below, and one that has later ones needs none of these.
        if (!(error instanceof OtherChanges || error instanceof PartAhead)) throw error;
      }),
    );
    const outcome = await ofAllParts(bringing, this.#groups, gone).catch((error: unknown) => ({ error }));
    const [lowest] = behind.sort((a, b) => (sequenceIn(a) as number) - (sequenceIn(b) as number));
    if (lowest !== undefined) throw partHas(lowest);
    if ("error" in outcome) throw outcome.error;
  }

  /** Returns the changes with which parts are asked for answers. They have been taken. */
  asked(state: string): AskedChanges {
    if (this.#asked?.state === state) return this.#asked;
    let id = this.#groups.reduce((sum, { classes }) => sum + classes, 0);
    const added: number[][] = this.#groups.map(() => []);
    for (const place of this.#states.placesOfAdded(this.#sequence, sequenceIn(state) as number)) {
      added[this.#ranges.findIndex(({ end }) => place < end)]?.push(id++);
    }
    const asked: AskedChanges = {
      state,
      added,
      ask: (client, host, send) => {
        const changer = this.#changers[this.#groups.findIndex((group) => group.client === client)] as PartChanger;
        return changer.keepState(host, send).catch((error: unknown) => this.#toAbove(error));
      },
    };
    this.#asked = asked;
    return asked;
  }

  /** The router above brings parts what they lack. Another log is the failure of its host, as there. */
  #toAbove(error: unknown): never {
    if (!(error instanceof ChangesDiffer) || error.state === undefined) throw error;
    const { state } = error;
    const isLater = (sequenceIn(state) ?? 0) > this.#states.last; // a router beside this one has brought them
    throw isLater || this.has(state) ? partHas(state) : ofAnotherLog(state);
  }

  /** Keeps the states of changes that follow those that are known, in one step. */
  #keep(sent: SentChanges): Passed {
    const { from, states, added } = sent;
    if (added === undefined) throw new Problem("invalid_field", '"added" of changes expected places, got none');
    const begin = sequenceIn(from) as number;
    const others = [from, ...states].find((state) => {
      const known = this.#states.at(sequenceIn(state));
      return known === undefined ? state === from : known !== state;
    });
    if (others !== undefined) {
      const why = `changes expected to follow ${this.state} or an earlier state, got some with ${others}`;
      throw new OtherChanges(this.state, why);
    }
    for (const [i, state] of states.entries()) {
      if (begin + 1 + i > this.#states.last) this.#states.add(state, added[i] as readonly number[]);
    }
    return { ...sent, added, begin, end: begin + states.length };
  }

  /** Returns what brings the parts of a range the changes of a message. Those that lack earlier ones are noted in `behind`. */
  #to(range: Range, passed: Passed, behind: string[]): BroughtChanges {
    const { from, states, begin, end } = passed;
    const messages = (state: string): Uint8Array<ArrayBuffer>[] => {
      const sequence = sequenceIn(state) ?? 0;
      if (sequence > end) throw new PartAhead(sequence);
      if (!this.has(state)) throw ofAnotherLog(state);
      if (sequence >= begin) return sequence === end ? [] : [partOfMessage(passed, range, sequence - begin)];
      behind.push(state);
      throw partHas(state);
    };
    return {
      state: states.at(-1) ?? from,
      first: from,
      async *messagesFrom(state) {
        yield* messages(state);
      },
    };
  }

  async #all<T>(ask: (changer: PartChanger, asking: Asking) => Promise<readonly T[]>): Promise<readonly T[]> {
    const asking = this.#asking();
    const asked = this.#changers.map((changer) => ask(changer, asking));
    return (await ofAllParts(asked, this.#groups, gone)).flat();
  }
}

function rangesOf(groups: readonly RoutedGroup[]): Range[] {
  let end = 0;
  return groups.map(({ parts }) => {
    end += parts.length;
    return { begin: end - parts.length, end };
  });
}

function decoded(message: Uint8Array, partCount: number): SentChanges {
  try {
    return decodePartChanges(message, partCount);
  } catch (error) {
    throw new Problem("invalid_field", (error as Error).message);
  }
}

/** Returns the message with the changes of some of the parts, from a set on. */
function partOfMessage(
  { from, states, sets, added }: Passed,
  { begin, end }: Range,
  first: number,
): Uint8Array<ArrayBuffer> {
  return encodePartChanges({
    from: first === 0 ? from : (states[first - 1] as string),
    states: states.slice(first),
    sets: sets.slice(first).map((own) => own.slice(begin, end)),
    added: added
      .slice(first)
      .map((places) => places.filter((place) => place >= begin && place < end).map((place) => place - begin)),
  });
}

const partHas = (state: string): OtherChanges => new OtherChanges(state, `a part has the changes ${state}`);

function gone(): never {
  throw new PartProblem("unknown_generation", "a part has lost this generation");
}

const ofAnotherLog = (state: string): PartFailure =>
  new PartFailure(
    `it has the changes ${state.slice(0, 64)} of another log: start it again, or publish another version`,
  );
