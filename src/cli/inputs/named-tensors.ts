import { quoteName } from "../../strict-json.ts";
import type { TableRequest } from "./table.ts";

/** A tensor of a file that has several, as a message shows it. */
export interface NamedTensor {
  readonly name: string;
  /** Type and shape, where they are known. */
  readonly kind?: string;
  /** Whether it could be what the request looks for. */
  readonly fits: boolean;
}

/**
 * The tensor that `request` names, or without a name the only one that fits. RangeError if there is none or several, with a
 * list of what there is, and if it is of another kind than is looked for.
 */
export function chooseTensor<T extends NamedTensor>(tensors: readonly T[], { tensor: name, rank }: TableRequest): T {
  const wanted = rank === 2 ? "a matrix of floats" : "a vector of numbers";
  const found = tensors.filter((tensor) => (name === undefined ? tensor.fits : tensor.name === name));
  const [chosen] = found;
  if (chosen === undefined || found.length > 1) {
    const problem =
      name === undefined
        ? `"tensor" is missing: ${found.length} tensors could be ${wanted}`
        : `"tensor" expected ${wanted}, there is no tensor ${quoteName(name)}`;
    throw new RangeError(`${problem}; the file has ${listTensors(tensors)}`);
  }
  if (!chosen.fits) throw new RangeError(`tensor expected ${wanted}, got ${describe(chosen)}`);
  return chosen;
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
  const shown = sorted.slice(0, MOST_LISTED).map(describe).join(", ");
  const more = sorted.length - MOST_LISTED;
  return more > 0 ? `${shown} and ${more} more` : shown || "no tensors";
}
