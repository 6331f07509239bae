import { quoteName } from "../../bytes/strict-json.ts";
import type { TableRequest } from "./table.ts";

/** A tensor of a file with several, for the choice and for messages. */
export interface NamedTensor {
  readonly name: string;
  /** Its type and shape, if they are known. */
  readonly kind?: string;
  /** True if the type and shape suit the request. */
  readonly fits: boolean;
}

/** The file has no tensor of the requested name. */
export class NoSuchTensor extends RangeError {
  /** The names that the file has, for a message. */
  readonly listed: string;

  constructor(problem: string, listed: string) {
    super(`${problem}; the file has ${listed}`);
    this.listed = listed;
  }
}

/**
 * Returns the tensor that `request` names or, without a name, the only one that fits.
 *
 * @throws RangeError if there is none, if there are several, or if the named one does not fit; the message lists the tensors
 */
export function chooseTensor<T extends NamedTensor>(tensors: readonly T[], request: TableRequest): T {
  const { tensor: name, rank, option = "tensor" } = request;
  const wanted = rank === 2 ? "a matrix of floats" : "a vector of numbers";
  const found = tensors.filter((tensor) => (name === undefined ? tensor.fits : tensor.name === name));
  const [chosen] = found;
  if (chosen === undefined || found.length > 1) {
    const listed = listTensors(tensors);
    if (name !== undefined) {
      throw new NoSuchTensor(`'--${option}' expected ${wanted}, but there is no tensor ${quoteName(name)}`, listed);
    }
    throw new RangeError(missing(option, wanted, found.length, listed));
  }
  if (!chosen.fits) throw new RangeError(`'--${option}' expected ${wanted}, got ${describe(chosen)}`);
  return chosen;
}

/** Returns the message if no tensor was named, and none or several fit. */
function missing(option: string, wanted: string, count: number, listed: string): string {
  if (count === 0) return `'--${option}' expected ${wanted}, but there is none; the file has ${listed}`;
  const problem = `${count} tensors could be ${wanted}; the file has ${listed}`;
  if (option === "tensor") return `'--tensor' is missing: ${problem}`;
  return `'--${option}' expected one tensor: ${problem}: save the right one to a separate file`;
}

const describe = ({ name, kind }: NamedTensor): string => (kind ? `${quoteName(name)} ${kind}` : quoteName(name));

/** Names of the output layer of a language model, and of the embeddings that double as its output layer if they are tied. */
const HEADS: readonly RegExp[] = [/(^|\.)lm_head\.weight$/, /(^|\.)embed_tokens\.weight$/];

/** Tells the name of a bias: as PyTorch ends it, or the whole name. */
export const isBiasName = (name: string): boolean => /(^|[._])bias$/i.test(name);

/** A model may have thousands of tensors. The first ones show how they are named. */
const MOST_LISTED = 20;

function listTensors(tensors: readonly NamedTensor[]): string {
  const rank = ({ name }: NamedTensor): number => {
    const head = HEADS.findIndex((pattern) => pattern.test(name));
    return head < 0 ? HEADS.length : head;
  };
  const sorted = [...tensors].sort((a, b) => rank(a) - rank(b));
  return listFirst(sorted.map(describe)) || "no tensors";
}

/** Lists the first names for a message, since a file may have a million. */
export const listNames = (names: readonly string[]): string => listFirst(names.map(quoteName));

function listFirst(texts: readonly string[]): string {
  const shown = texts.slice(0, MOST_LISTED).join(", ");
  const more = texts.length - MOST_LISTED;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
