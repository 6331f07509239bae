import { DEFAULT_RECALL } from "../answers/options.ts";
import { checkArray, checkShare, shown } from "../checks/check.ts";
import { choosePoint, type RecallCurve, type RecallPoint } from "../format/recall-curve.ts";
import { DEFAULT_LIMITS } from "../memory/load-options.ts";
import type { PartInfo } from "./part.ts";
import type { PartialAnswer } from "./partial-answer.ts";
import type { Question, QuestionOptions } from "./question.ts";

// The recall of merged answers: the share of the best classes of all parts that they find together, by their total work.

/** Checks and copies recall curves. Undefined if there are none, or none with points. The RangeError names the field. */
export function copyCurves(curves: readonly RecallCurve[] | null | undefined): readonly RecallCurve[] | undefined {
  if (curves === null || curves === undefined) return undefined;
  checkArray("recallCurves", curves, "curves");
  let largest = 0;
  const copied = Array.from(curves, (curve, i) => {
    const at = `"recallCurves"[${i}]`;
    if (!(Number.isSafeInteger(curve?.k) && curve.k > largest)) {
      throw new RangeError(`${at}.k expected an integer from ${largest + 1} on, got ${shown(curve?.k)}`);
    }
    largest = curve.k;
    checkArray(`recallCurves[${i}].points`, curve.points, "points");
    return { k: curve.k, points: copyPoints(curve.points, at) };
  });
  return copied.some(({ points }) => points.length > 0) ? copied : undefined;
}

function copyPoints(points: readonly RecallPoint[], curve: string): RecallPoint[] {
  let before = 0;
  return Array.from(points, ({ scan, rescore, recall }, i) => {
    const at = `${curve}.points[${i}]`;
    for (const [name, count] of Object.entries({ scan, rescore })) {
      if (Number.isSafeInteger(count) && count >= 1) continue;
      throw new RangeError(`${at}.${name} expected a positive integer, got ${shown(count)}`);
    }
    if (!(typeof recall === "number" && recall > before && recall <= 1)) {
      throw new RangeError(`${at}.recall expected a number above ${before}, at most 1, got ${shown(recall)}`);
    }
    before = recall;
    return { scan, rescore, recall };
  });
}

interface Measured {
  readonly curves: readonly RecallCurve[];
  readonly info: PartInfo;
  readonly partCount: number;
}

/**
 * Answers a question with the effort that its recall needs, by default DEFAULT_RECALL. Above the curves only exact answers are
 * known to be enough. If the codes that are read have fewer than k classes that are not filtered out, all codes are read.
 */
export async function answerWithRecall(
  question: Question,
  measured: Measured,
  ask: (question: Question) => Promise<PartialAnswer>,
): Promise<PartialAnswer> {
  const effort = effortOf(question, measured);
  if (effort === undefined) return ask(question);
  const { recall: _, ...options } = question.options;
  const asked = { ...question, options: { ...options, ...effort } };
  const answer = await ask(asked);
  const found = answer.top?.ids.length ?? 0;
  if (effort.exact === true || found >= question.size) return answer;
  const all = await ask({ ...asked, options: { ...asked.options, scan: measured.info.itemCount } });
  return { ...all, scored: answer.scored + all.scored };
}

/** Returns the effort that a recall needs. Undefined for a question that states its effort, or that no curve covers. */
function effortOf(
  { call, size, options }: Question,
  { curves, info: { itemCount, maxScan = DEFAULT_LIMITS.maxScan }, partCount }: Measured,
): Pick<QuestionOptions, "scan" | "rescore" | "exact"> | undefined {
  const { exact, scan, rescore, recall = DEFAULT_RECALL } = options;
  if (call !== "topK" || exact === true || scan !== undefined || rescore !== undefined) return undefined;
  const point = choosePoint(curves, size, checkShare("recall", recall));
  if (point === undefined || point.rescore > partCount * maxScan) return { exact: true };
  return { scan: Math.min(point.scan, itemCount), rescore: Math.min(point.rescore, itemCount) };
}
