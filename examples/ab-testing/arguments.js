// @ts-check
// The arguments of the command.
import { parseArgs } from "node:util";
import { InputError } from "./json-lines.js";

/** @typedef {import("./candidate.js").CandidateOptions} CandidateOptions */

const USAGE = `usage: policy-value.js <candidate.midx> --logs <jsonl> --rewards <jsonl> --queries <jsonl>
  --policy softmax|sample   the candidate's softmax (default), or its proposal
  --temperature <number>    of the candidate; default 1
  --exact true|false        log Z of the softmax from all rows (default), or estimated
  --scan <classes>          head of what is estimated, and of the proposal
  --missing zero|none       reward of a draw without one: 0 (default), or the draw is left out
  --clip <weight>           weights above it count as it
  --version <name>          only draws of this version of the index`;

/**
 * Parses and checks the arguments of the command. InputError, or a TypeError of parseArgs, for arguments that are wrong.
 * @param {readonly string[]} args
 */
export function argumentsOf(args) {
  const text = /** @type {const} */ ({ type: "string" });
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{ logs: text, rewards: text, queries: text, policy: text, temperature: text, exact: text },
      ...{ scan: text, missing: text, clip: text, version: text },
    },
  });
  const [file, ...others] = positionals;
  const { logs, rewards, queries, version } = values;
  if (!file || others.length > 0 || !logs || !rewards || !queries) throw new InputError(USAGE);
  const policy = oneOf("policy", values.policy, ["softmax", "sample"]);
  const exact = oneOf("exact", values.exact, ["true", "false"]);
  /** @type {CandidateOptions["kind"]} */
  const kind = policy === "sample" ? policy : exact === "true" ? "softmax" : "estimated";
  const temperature = positive("temperature", values.temperature) ?? 1;
  const scan = wholeNumber("scan", values.scan);
  if (kind === "softmax" && scan !== undefined) {
    throw new InputError('"--scan" expected "--exact false" or "--policy sample" beside it, got neither');
  }
  const missing = oneOf("missing", values.missing, ["zero", "none"]);
  const clip = positive("clip", values.clip);
  return {
    ...{ file, logs, rewards, queries },
    candidate: { kind, temperature, ...(scan !== undefined && { scan }) },
    value: { missing, ...(clip && { clip }), ...(version && { version }) },
  };
}

/**
 * @template {string} T
 * @param {string} name
 * @param {string | undefined} given
 * @param {readonly [T, ...T[]]} values the first is the default
 * @returns {T}
 */
function oneOf(name, given, values) {
  const found = values.find((value) => value === (given ?? values[0]));
  if (found === undefined) throw new InputError(`"--${name}" expected ${values.join(" or ")}, got ${given}`);
  return found;
}

/**
 * @param {string} name
 * @param {string | undefined} given
 */
function positive(name, given) {
  if (given === undefined) return undefined;
  if (Number(given) > 0 && Number.isFinite(Number(given))) return Number(given);
  throw new InputError(`"--${name}" expected a number above 0, got ${given}`);
}

/**
 * @param {string} name
 * @param {string | undefined} given
 */
function wholeNumber(name, given) {
  if (given === undefined) return undefined;
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new InputError(`"--${name}" expected an integer from 0, got ${given}`);
}
