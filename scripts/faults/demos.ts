import type { Fault } from "./fault.ts";

const SHOP = ["test/page/shop.test.ts"];
const TRAINING = ["test/scripts/training-demo.test.ts"];

/** Faults of the demos of sequences. */
export const DEMO_FAULTS: readonly Fault[] = [
  {
    name: "a visit that forgets the clicks before",
    file: "page/shop/visit.ts",
    find: "encode([name], { state: this.state })",
    replace: "encode([name])",
    suites: SHOP,
  },
  {
    name: "a visit that recommends what was clicked",
    file: "page/shop/visit.ts",
    find: "exclude: this.clicked,",
    replace: "exclude: [],",
    suites: SHOP,
  },
  {
    name: "a recall that counts items clicked before",
    file: "scripts/demo/shop/recall.ts",
    find: "const seen = new Set(session.slice(0, -1));",
    replace: "const seen = new Set<string>();",
    suites: SHOP,
  },
  {
    name: "a style that never drifts",
    file: "examples/shop/sessions.ts",
    find: "styleDrifts: 0.12",
    replace: "styleDrifts: 0",
    suites: SHOP,
  },
  {
    name: "a perplexity of frequencies with the first word",
    file: "scripts/demo/unigrams.ts",
    find: "tokensOf(heldOut, known).slice(1)",
    replace: "tokensOf(heldOut, known)",
    suites: TRAINING,
  },
  {
    name: "a text that goes on from its beginning alone",
    file: "scripts/demo/written-text.ts",
    find: "    read.push(id);\n    ({ state, query } = encoder.step(state, id));",
    replace: "    read.push(id);",
    suites: TRAINING,
  },
];
