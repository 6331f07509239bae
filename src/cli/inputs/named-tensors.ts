import { quoteName } from "../../bytes/strict-json.ts";
import type { TableRequest } from "./table.ts";

/** A tensor of a file that has several, as a message shows it. */
export interface NamedTensor {
  readonly name: string;
  /** Type and shape, where they are known. */
  readonly kind?: string;
  /** Whether it could be what the request looks for. */
  readonly fits: boolean;
}

/** The file has no tensor of the name that was asked for. */
export class NoSuchTensor extends RangeError {
  /** The names that the file has, for a message. */
  readonly listed: string;

  constructor(problem: string, listed: string) {
    super(`${problem}; the file has ${listed}`);
    this.listed = listed;
  }
}

/**
 * The tensor that `request` names, or without a name the only one that fits. RangeError if there is none or several, with a
 * list of what there is, and if it is of another kind than is looked for.
 */
export function chooseTensor<T extends NamedTensor>(tensors: readonly T[], request: TableRequest): T {
  const { tensor: name, rank, option = "tensor" } = request;
  const wanted = rank === 2 ? "a matrix of floats" : "a vector of numbers";
  const found = tensors.filter((tensor) => (name === undefined ? tensor.fits : tensor.name === name));
  const [chosen] = found;
  if (chosen === undefined || found.length > 1) {
    const listed = listTensors(tensors);
    if (name !== undefined) {
      throw new NoSuchTensor(`"${option}" expected ${wanted}, there is no tensor ${quoteName(name)}`, listed);
    }
    throw new RangeError(missing(option, wanted, found.length, listed));
  }
  if (!chosen.fits) throw new RangeError(`"${option}" expected ${wanted}, got ${describe(chosen)}`);
  return chosen;
}

/** Where nothing was named, and none fits or several do. */
function missing(option: string, wanted: string, count: number, listed: string): string {
  if (count === 0) return `"${option}" expected ${wanted}, there is none; the file has ${listed}`;
  const problem = `${count} tensors could be ${wanted}; the file has ${listed}`;
  if (option === "tensor") return `"tensor" is missing: ${problem}: name the right one`;
  return `"${option}" expected one: ${problem}: save the right one in a file of its own`;
}

const describe = ({ name, kind }: NamedTensor): string => (kind ? `${quoteName(name)} ${kind}` : quoteName(name));

/** The output layer of a language model, and the embeddings that are its output layer where the two are tied. */
const HEADS: readonly RegExp[] = [/(^|\.)lm_head\.weight$/, /(^|\.)embed_tokens\.weight$/];

/** A model may have thousands of tensors: the first are enough to see how they are named. */
const MOST_LISTED = 20;

function listTensors(tensors: readonly NamedTensor[]): string {
  const rank = ({ name }: NamedTensor): number => {
    const head = HEADS.findIndex((pattern) => pattern.test(name));
    return head < 0 ? HEADS.length : head;
  };
  const sorted = [...tensors].sort((a, b) => rank(a) - rank(b));
  return listFirst(sorted.map(describe)) || "no tensors";
}

/** Names for a message: a file may have a million of them. */
export const listNames = (names: readonly string[]): string => listFirst(names.map(quoteName));

function listFirst(texts: readonly string[]): string {
  const shown = texts.slice(0, MOST_LISTED).join(", ");
  const more = texts.length - MOST_LISTED;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
