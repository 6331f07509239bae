import { mergeAnswers, type Part, type PartInfo, type PartialAnswer, type Question } from "../../src/parts/index.ts";
import { ownClasses } from "../../src/parts/place.ts";
import { placed } from "../../src/parts/placed-parts.ts";
import { type PlacedPart, questionTo } from "../../src/parts/split-question.ts";
import type { Problem } from "../contract/problem.ts";
import type { GroupInfo } from "../parts/answering-part.ts";
import { PartFailure, UnknownGeneration } from "../parts/part-failure.ts";
import { PartProblem } from "../parts/part-problem.ts";
import type { Coverage } from "./coverage.ts";
import type { Asking } from "./part-client.ts";
import type { RequestClasses } from "./request-classes.ts";
import type { RoutedGroup } from "./routed-group.ts";
import { Together } from "./together.ts";

/** The way in which a request asks its parts. */
export interface AskedHow extends Asking {
  /**
   * True for a request of another router, which takes all of these parts for one: each of them answers, even if it has nothing
   * to say.
   */
  readonly isForRouter?: boolean;
  /** The facts about classes that the request keeps. Undefined for a request that keeps none. */
  readonly classes?: RequestClasses;
}

/** A group in its place, as one request asks it: all its questions go together. */
interface AskedGroup {
  readonly group: RoutedGroup;
  readonly at: Omit<PlacedPart, "info">;
  readonly together: Together;
  /** The facts that its parts report, which a batch asks for once. */
  learned?: Promise<GroupInfo>;
}

/** All groups as one request asks them. It asks each of them once, whatever the number of its queries. */
export class AskedGroups implements Part {
  readonly info: PartInfo;
  readonly #groups: readonly AskedGroup[];
  readonly #how: AskedHow;
  /** The number of classes of the files, by which effort is shared. Rows that changes add are scored beyond it. */
  readonly #classes: number;

  constructor(info: PartInfo, groups: readonly RoutedGroup[], how: AskedHow) {
    this.info = info;
    this.#how = how;
    this.#groups = inPlace(groups, how);
    this.#classes = groups.reduce((sum, group) => sum + group.classes, 0);
  }

  /** Returns the share of the classes that an answer to this request covers. */
  coverageOf({ parts }: PartialAnswer): Coverage {
    const answered = new Set(parts);
    const count = ({ group, at: { place } }: AskedGroup): number => {
      const there = group.parts.filter(({ number }) => answered.has(number));
      // Which part of a group has an added class is not known here, so a group with changes answers with all of its parts.
      const added = there.length === group.parts.length ? (place.added?.length ?? 0) : 0;
      return there.reduce((sum, { classes }) => sum + classes, added);
    };
    const classes = this.#groups.reduce((sum, asked) => sum + count(asked), 0) / Math.max(this.info.itemCount, 1);
    return { parts: answered.size, of: this.info.numbers.length, classes };
  }

  async answer(given: Question): Promise<PartialAnswer> {
    const { classes } = this.#how;
    const question = classes?.carrying(given, this.info.hasLabels === true) ?? given;
    const groups = this.#how.isForRouter ? this.#groups : this.#groups.filter((group) => isAsked(group, question));
    const outcomes = await Promise.allSettled(groups.map((asked) => this.#ask(asked, question)));
    const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    const final = reasons.find((reason) => !(reason instanceof PartFailure) || reason instanceof UnknownGeneration);
    if (final !== undefined) throw final;
    const answers = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    const { isForRouter, isPartial = false } = this.#how;
    // The router above tells whether all classes are found.
    const mayMiss = question.call === "classes" && !isForRouter ? areFound(question, answers) : isPartial;
    const lacking = groups.flatMap((asked, i) => lackingOf(asked, outcomes[i] as PromiseSettledResult<PartialAnswer>));
    if (answers.length === 0 || (lacking.length > 0 && !mayMiss)) throw this.#missing(lacking, answers.length > 0);
    const merged = merge(question, answers);
    if (merged.classes) classes?.keep(merged.classes, this.info.dim);
    return merged;
  }

  /** The router above says what to do. */
  #missing(reasons: readonly string[], hasOthers: boolean): Problem {
    const { isForRouter, isPartial } = this.#how;
    const named = reasons.join("; ").slice(0, 512);
    if (isForRouter) return new PartProblem("part_missing", named);
    const others = ', or with "partial": "allow" take top k or a lower bound of log Z from the others';
    return new PartProblem("part_missing", `${named}; retry${hasOthers && !isPartial ? others : ""}`);
  }

  async #ask(asking: AskedGroup, question: Question): Promise<PartialAnswer> {
    const { group, at, together } = asking;
    asking.learned ??= group.learn(this.#how);
    await asking.learned; // how much a part is to read depends on its facts
    const isAlone = this.#groups.length === 1;
    const part = { ...at, info: group.info };
    const asked = questionTo(part, question, isAlone ? undefined : this.#classes);
    const answer = await together.ask(asked.question);
    if (answer.call !== question.call) throw new PartFailure(`it answers ${answer.call}`);
    return orFailure(() => placed(answer, part, asked));
  }
}

/**
 * Tells whether answers have all classes that are asked for. A label that none of them has may be unknown or in a part that did not
 * answer, which nobody can tell.
 */
function areFound({ ids, options: { labels = [] } }: Question, answers: readonly PartialAnswer[]): boolean {
  const found = new Set(answers.flatMap(({ classes }) => [...(classes?.ids ?? []), ...(classes?.labels ?? [])]));
  return [...ids, ...labels].every((named) => found.has(named));
}

/**
 * A group without the classes that a question is about has nothing to say about them. Any group may have a class with a label.
 */
function isAsked({ at }: AskedGroup, { call, ids, options }: Question): boolean {
  if (call !== "classes" || options.labels !== undefined || ids.length === 0) return true;
  return ownClasses(at.place, ids).ids.length > 0;
}

/** Names the parts of a group that did not answer, with the reason. A router below may have answered with some of its parts. */
function lackingOf({ group: { numbers } }: AskedGroup, outcome: PromiseSettledResult<PartialAnswer>): string[] {
  if (outcome.status === "rejected") return [`part ${numbers.join()}: ${(outcome.reason as Error).message}`];
  const { parts } = outcome.value;
  const others = numbers.filter((number) => !parts.includes(number));
  return others.length > 0 ? [`part ${others.join()}: its router answered without it`] : [];
}

function inPlace(groups: readonly RoutedGroup[], how: AskedHow): AskedGroup[] {
  let before = 0;
  return groups.map((group, i) => {
    const { classes } = group;
    const added = how.changes?.added[i];
    const place = { count: classes, first: before, table: undefined, ...(added && { added }) };
    const at = { place, before };
    before += classes;
    return { group, at, together: new Together((questions) => group.answer(questions, how)) };
  });
}

/** Treats an answer that does not fit as a failure of its part. */
function orFailure<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new PartFailure((error as Error).message);
  }
}

/** Merges answers. If they do not fit together, nobody knows which part is wrong. */
function merge(question: Question, answers: readonly PartialAnswer[]): PartialAnswer {
  try {
    return mergeAnswers(question, answers);
  } catch (error) {
    throw new PartProblem("part_missing", `the answers of parts do not belong together: ${(error as Error).message}`);
  }
}
