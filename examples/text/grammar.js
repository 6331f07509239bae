// @ts-check
import { wordClassOf } from "./word-classes.js";

/** The states of an automaton: which word classes may follow, and the state after each. */
/** @typedef {Readonly<Record<string, Readonly<Partial<Record<import("./word-classes.js").WordClass, string>>>>>} Rules */

/** The state in which a sentence is whole. */
export const END = "end";

/** Short sentences: a subject, a verb, an object or none, and a place or a year. */
/** @type {Rules} */
export const SENTENCE = {
  start: { determiner: "subject", name: "verb" },
  subject: { adjective: "subject noun", noun: "verb" },
  "subject noun": { noun: "verb" },
  verb: { verb: "object" },
  object: { determiner: "object phrase", name: "rest", preposition: "place" },
  "object phrase": { adjective: "object noun", noun: "rest" },
  "object noun": { noun: "rest" },
  rest: { preposition: "place" },
  place: { determiner: "place phrase", name: END, year: END },
  "place phrase": { adjective: "place noun", noun: END },
  "place noun": { noun: END },
};

/** An automaton over word classes, with the classes of the index that may come next as a bitmap for each state. */
export class Grammar {
  /** @type {Map<string, { readonly bitmap: Uint8Array }>} */
  #allowed = new Map();
  #rules;
  #labels;

  /**
   * @param {readonly string[]} labels the phrase of each class of the index
   * @param {Rules} rules
   */
  constructor(labels, rules = SENTENCE) {
    this.#labels = labels;
    this.#rules = rules;
    /** @type {Map<string, number[]>} */
    const ids = new Map();
    for (const [id, label] of labels.entries()) {
      const wordClass = wordClassOf(label) ?? "";
      const known = ids.get(wordClass);
      if (known) known.push(id);
      else ids.set(wordClass, [id]);
    }
    for (const [state, next] of Object.entries(rules)) {
      const bitmap = new Uint8Array(Math.ceil(labels.length / 8));
      const all = Object.keys(next).flatMap((wordClass) => ids.get(wordClass) ?? []);
      for (const id of all) bitmap[id >> 3] = (bitmap[id >> 3] ?? 0) | (1 << (id & 7));
      this.#allowed.set(state, { bitmap });
    }
  }

  /**
   * Returns the classes that may come next, for `allow`.
   * @param {string} state
   */
  allowed(state) {
    const allow = this.#allowed.get(state);
    if (allow === undefined) throw new RangeError(`"state" expected one of the rules, got "${state}"`);
    return allow;
  }

  /**
   * Returns the state after a class.
   * @param {string} state
   * @param {number} id
   */
  after(state, id) {
    const wordClass = wordClassOf(this.#labels[id] ?? "");
    const next = wordClass && this.#rules[state]?.[wordClass];
    if (next === undefined) throw new RangeError(`"id" expected a class that may follow "${state}", got ${id}`);
    return next;
  }
}
