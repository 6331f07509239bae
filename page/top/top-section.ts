import type { MultiIndex } from "../../src/index.ts";
import { byId, make } from "../elements.ts";
import { count, digits, duration, worth } from "../numbers.ts";
import type { ServedPrediction } from "../server.ts";
import { sameBits } from "./agreement.ts";
import { medianMicroseconds } from "./timing.ts";
import { showTopRows } from "./top-rows.ts";

/** Half the length of a 95 % error bar, in standard errors. */
const Z95 = 1.96;

/** The index in the browser, and the version that the server names for it. */
export interface Opened {
  readonly index: MultiIndex;
  readonly nameOf: (id: number) => string;
  readonly version: string;
}

interface Request {
  readonly query: Float32Array;
  readonly k: number;
  readonly seed: number;
}

/** Throws an Error if another version has answered: its classes may not be those of the index in the browser. */
export function requireOpened(opened: Opened, { version }: ServedPrediction): void {
  if (version === opened.version) return;
  throw new Error(`The server has switched to version ${version}: reload the page to compare.`);
}

/** Shows the server's answer and this browser's answer to the same query, from the same file and seed. */
export function showTop(opened: Opened, request: Request, served: ServedPrediction): void {
  const { index, nameOf } = opened;
  const { query, k, seed } = request;
  const exact = index.logProbability(query, served.ids, { exact: true });
  const band = Z95 * (served.standardError ?? Number.POSITIVE_INFINITY);
  showTopRows(
    served.ids.map((id, i) => {
      const p = served.probabilities[i] as number;
      const [low, high] = [p * Math.exp(-band), Math.min(1, p * Math.exp(band))];
      return { name: nameOf(id), served: p, low, high, exact: Math.exp(exact.logProbabilities[i] as number) };
    }),
  );
  const here = index.predict(query, k, { seed });
  const error = Math.abs(served.logPartition - exact.logPartition);
  byId("checks", HTMLUListElement).replaceChildren(
    check(
      sameBits(served, here),
      "Same bits: from the same file and seed, your browser computes exactly this answer.",
      "The answer in your browser differs from the server's: something is wrong.",
    ),
    check(error <= band || error < 1e-9, ...logPartitionTexts(served, exact.logPartition)),
  );
  const { version, requestId, effectiveSampleSize } = served;
  byId("provenance", HTMLElement).textContent = [
    `version ${version}`,
    `request ${requestId}`,
    `seed ${seed}`,
    `effective sample size ${effectiveSampleSize === null ? "unknown" : worth(effectiveSampleSize)}`,
  ].join(" · ");
}

/** Shows how many classes were scored and, once they are measured, the times of calls in this browser. */
export async function showEffort(
  { index }: Opened,
  { query, k, seed }: Request,
  served: ServedPrediction,
  isWanted: () => boolean,
): Promise<void> {
  const { itemCount } = index.info;
  showSummary(served, itemCount, ["…", "…"]);
  const times = await medianMicroseconds(
    [() => index.predict(query, k, { seed }), () => index.predict(query, k, { exact: true })],
    isWanted,
  );
  if (times !== undefined) showSummary(served, itemCount, times.map(duration));
}

function showSummary(
  { scored, choice }: ServedPrediction,
  itemCount: number,
  [sampled, full]: readonly string[],
): void {
  const isWhole = scored >= itemCount;
  const remark = choice?.exact ? remarkOnAll(scored, itemCount) : "The gap grows with the number of classes.";
  byId("top-summary", HTMLElement).replaceChildren(
    "The server scored ",
    make("strong", {}, isWhole ? `all ${count(itemCount)}` : `${count(scored)} of ${count(itemCount)}`),
    ` classes${isWhole ? "" : " and estimated the rest from draws"}. In your browser, such a call takes `,
    make("strong", {}, sampled ?? ""),
    ", and the exact softmax over all classes takes ",
    make("strong", {}, full ?? ""),
    ` (medians). ${remark}`,
  );
}

/** Says why a default call read all classes. It has read more than these if there was an estimate before. */
const remarkOnAll = (scored: number, itemCount: number): string =>
  scored > itemCount
    ? "A first estimate was too uncertain, so the call read all classes."
    : "An estimate would hardly take less time, so the call read all classes.";

function logPartitionTexts(answer: ServedPrediction, exact: number): [string, string] {
  const { logPartition, standardError, lowEss } = answer;
  const margin = standardError === null ? "an unknown error" : digits(Z95 * standardError, 2);
  const values = `The log-partition log Z is ${logPartition.toFixed(4)} ± ${margin}, exact ${exact.toFixed(4)}`;
  const warning = "the answer is flagged as unreliable (lowEss)";
  return [
    `${values}: within the error bar${lowEss ? `, but ${warning}` : ""}.`,
    `${values}: outside the error bar${lowEss ? `: ${warning}` : ", as expected for 1 answer in 20"}.`,
  ];
}

function check(holds: boolean, yes: string, no: string): HTMLElement {
  const item = make("li", { className: holds ? "holds" : "fails" }, holds ? yes : no);
  item.dataset.holds = String(holds);
  return item;
}
