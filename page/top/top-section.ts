import type { MultiIndex } from "../../src/index.ts";
import { byId, make } from "../elements.ts";
import { count, digits, duration, worth } from "../numbers.ts";
import type { ServedPrediction } from "../server.ts";
import { sameBits } from "./agreement.ts";
import { medianMicroseconds } from "./timing.ts";
import { showTopRows } from "./top-rows.ts";

/** Standard errors on each side of what is to hold in 95 of 100 cases. */
const Z95 = 1.96;

/** The index that answers queries here, and the version that the server gave it. */
export interface Opened {
  readonly index: MultiIndex;
  readonly nameOf: (id: number) => string;
  readonly version: string;
}

interface Question {
  readonly query: Float32Array;
  readonly k: number;
  readonly seed: number;
}

/** The server's answer beside what this browser finds for the same query, with the same file and seed. */
export function showTop(opened: Opened, question: Question, served: ServedPrediction): void {
  const { index, nameOf } = opened;
  const { query, k, seed } = question;
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
      "Same bits: your browser finds this answer too, digit for digit, from the same file and seed.",
      served.version === opened.version
        ? "The answer in your browser differs from the server's: something is wrong."
        : `The server has gone on to version ${served.version}: reload the page to compare.`,
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

/** Scored classes, and times of calls in this browser, when they are measured and still wanted. */
export async function showEffort(
  { index }: Opened,
  { query, k, seed }: Question,
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

function showSummary({ scored }: ServedPrediction, itemCount: number, [sampled, full]: readonly string[]): void {
  const isWhole = scored >= itemCount;
  byId("top-summary", HTMLElement).replaceChildren(
    "The server scored ",
    make("strong", {}, isWhole ? `all ${count(itemCount)}` : `${count(scored)} of ${count(itemCount)}`),
    ` classes${isWhole ? "" : " and estimated the rest from draws"}. In your browser, such a call takes `,
    make("strong", {}, sampled ?? ""),
    ", the exact one over all classes ",
    make("strong", {}, full ?? ""),
    " (medians; the gap grows with the classes).",
  );
}

function logPartitionTexts(answer: ServedPrediction, exact: number): [string, string] {
  const { logPartition, standardError, lowEss } = answer;
  const margin = standardError === null ? "an unknown error" : digits(Z95 * standardError, 2);
  const values = `log Z ${logPartition.toFixed(4)} ± ${margin}, exact ${exact.toFixed(4)}`;
  const warning = "too few draws met the tail to trust it (lowEss)";
  return [
    `${values}: within the error bar${lowEss ? `, though ${warning}` : ""}.`,
    `${values}: outside of the error bar${lowEss ? `: ${warning}` : ", as 1 answer in 20 may be"}.`,
  ];
}

function check(holds: boolean, yes: string, no: string): HTMLElement {
  const item = make("li", { className: holds ? "holds" : "fails" }, holds ? yes : no);
  item.dataset.holds = String(holds);
  return item;
}
