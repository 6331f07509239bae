import { kindOf, shown } from "../../checks/check.ts";
import { functionOptions, type Names } from "../../checks/function-options.ts";
import { checkPlain } from "../../checks/plain-object.ts";
import { type PolicyEstimates, Requests, type WeightedDraw } from "./estimates.ts";

/** The draws for one query of a request. */
export interface LoggedRow {
  /** The request. Rows of a request count as their mean, because they share a user and a moment. */
  readonly requestId: string;
  /** The draws, at least one. Several count as if each had been shown alone. */
  readonly draws: readonly WeightedDraw[];
  /** Σ π · predicted reward over all classes. Needed for the doubly robust estimate, as is `predicted` of the draws. */
  readonly direct?: number;
}

/** Options of `policyValue`. */
export interface PolicyValueOptions {
  /** Larger weights count as this one, which lowers the variance of the estimates and biases them. Default: no limit. */
  readonly clip?: number;
}

/** The result of `policyValue`. */
export interface PolicyValue extends PolicyEstimates {
  /** The number of requests. */
  readonly requests: number;
  /** The number of draws. */
  readonly draws: number;
  /** The largest weight, before a clip. */
  readonly largestWeight: number;
}

const OPTIONS: Names<PolicyValueOptions> = { clip: true };

/**
 * Estimates from the draws of one policy what another would have earned for a request: by inverse propensity scores, by
 * self-normalised ones and, with predictions, doubly robust, each with a standard error and a 95 % interval over requests
 * (docs/ab-testing.md). `midx policy-value` does the same with the logs of a service.
 *
 * @param rows The draws by request, with weights π / q. π is e^logProbability of the policy, q is e^logQ of the draw.
 * @param options A limit of weights.
 * @returns The estimates, with the numbers of requests and draws.
 * @throws TypeError or RangeError that names the element of `rows`.
 *
 * @example
 * const rows = [
 *   { requestId: "a", draws: [{ weight: 0.5, reward: 1 }] },
 *   { requestId: "b", draws: [{ weight: 1.5, reward: 0 }] },
 * ];
 * const { ips, snips } = policyValue(rows);
 * console.log(ips.mean, ips.low, ips.high, snips.mean);
 */
export function policyValue(rows: Iterable<LoggedRow>, options: PolicyValueOptions = {}): PolicyValue {
  const { clip = Number.POSITIVE_INFINITY } = functionOptions("policyValue", OPTIONS, options);
  if (!(typeof clip === "number" && clip > 0)) {
    throw new RangeError(`"clip" expected a number above 0, got ${shown(clip)}`);
  }
  if (typeof Object(rows)[Symbol.iterator] !== "function") {
    throw new TypeError(`"rows" expected an array of rows, got ${kindOf(rows)}`);
  }
  const requests = new Requests();
  let [row, count, largestWeight, predicted] = [0, 0, 0, 0];
  for (const given of rows) {
    const name = `"rows"[${row++}]`;
    checkPlain(name, given);
    const { requestId, draws, direct } = given;
    const hasPrediction = checkRow(name, requestId, draws, direct);
    if (hasPrediction) predicted++;
    if (predicted !== 0 && predicted !== row) {
      throw new RangeError(`${name} expected "direct" and "predicted" in every row or in none`);
    }
    count += draws.length;
    for (const { weight } of draws) largestWeight = Math.max(largestWeight, weight);
    requests.add(
      requestId,
      draws.map((draw) => ({ ...draw, weight: Math.min(draw.weight, clip) })),
      direct,
    );
  }
  if (row === 0) throw new RangeError('"rows" expected at least one row, got none');
  if (largestWeight === 0) {
    const why = "the policy never draws a class that was drawn";
    throw new RangeError(`"rows" expected a weight above 0, got none: ${why}`);
  }
  return { ...requests.estimate(), requests: requests.count, draws: count, largestWeight };
}

/** Checks a row, and returns whether it has predictions. */
function checkRow(
  name: string,
  requestId: string,
  draws: readonly WeightedDraw[],
  direct: number | undefined,
): boolean {
  if (typeof requestId !== "string") {
    throw new TypeError(`${name}.requestId expected a string, got ${kindOf(requestId)}`);
  }
  if (!(Array.isArray(draws) && draws.length > 0)) {
    throw new TypeError(`${name}.draws expected an array of at least one draw, got ${kindOf(draws)}`);
  }
  if (direct !== undefined) checkFinite(`${name}.direct`, direct);
  for (const [i, given] of draws.entries()) {
    const draw = `${name}.draws[${i}]`;
    checkPlain(draw, given);
    const { weight, reward, predicted } = given;
    checkFinite(`${draw}.weight`, weight);
    if (weight < 0) throw new RangeError(`${draw}.weight expected 0 or more, got ${weight}`);
    checkFinite(`${draw}.reward`, reward);
    if ((predicted === undefined) !== (direct === undefined)) {
      throw new RangeError(`${draw}.predicted expected ${name}.direct beside it, or neither`);
    }
    if (predicted !== undefined) checkFinite(`${draw}.predicted`, predicted);
  }
  return direct !== undefined;
}

function checkFinite(name: string, value: unknown): void {
  if (typeof value === "number" && Number.isFinite(value)) return;
  throw new (typeof value === "number" ? RangeError : TypeError)(
    `${name} expected a finite number, got ${shown(value)}`,
  );
}
