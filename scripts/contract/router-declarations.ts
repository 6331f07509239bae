import type * as v from "valibot";
import * as router from "../../worker/contract/router-answers.ts";
import type { Declaration } from "./declaration.ts";

/** The declarations of answers that only routers give. */
export const ROUTER_DECLARATIONS: Readonly<Record<string, Declaration>> = {
  Coverage: {
    description: "The parts of an index that an answer of a router is of.",
    entries: router.coverage.entries,
  },
  CoveredAnswer: {
    description: 'What answers of a router have to requests with `partial: "allow"`.',
    entries: router.covered,
  },
  PredictOfSomeAnswer: {
    description: "The best classes of some of the parts, where others are missing. Nothing is known of probabilities.",
    extends: ["Classes", "CoveredAnswer"],
    entries: router.predictOfSomeAnswer.entries,
  },
  LogPartitionOfSomeAnswer: {
    description: "What some of the parts tell of log Z, where others are missing: a lower bound.",
    extends: ["CoveredAnswer"],
    entries: router.logPartitionOfSomeAnswer.entries,
  },
  RoutedAnswer: { description: "What a router says beside the facts about an index.", entries: router.routed },
};

/** Schemas that their fields refer to by the name of a declaration. */
export const ROUTER_NAMES: readonly (readonly [v.GenericSchema, string])[] = [
  [router.coverage, "Coverage"],
  [router.covered.coverage, "Coverage"],
];
