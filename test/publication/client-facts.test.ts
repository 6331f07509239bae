import { expect, it } from "vitest";
import { breakingChange, type ClientFacts } from "../../src/publication/client-facts.ts";

const FACTS: ClientFacts = { itemCount: 100, dim: 8, metric: "dot", hasLabels: false };
const LABELLED: ClientFacts = { ...FACTS, hasLabels: true };
const features = { featureCount: 50, positionCount: 4, hasFeatureLabels: true };
const numbered = { ...features, hasFeatureLabels: false };

it.each<[string, ClientFacts, ClientFacts]>([
  ["the same facts", FACTS, FACTS],
  ["a space that only one of them names", { ...FACTS, space: "a" }, FACTS],
  ["the same space", { ...FACTS, space: "a" }, { ...FACTS, space: "a" }],
  ["more classes", FACTS, { ...FACTS, itemCount: 101 }],
  ["fewer classes with labels", LABELLED, { ...LABELLED, itemCount: 7 }],
  ["a table of features where there was none", FACTS, { ...FACTS, features }],
  ["fewer features with names", { ...FACTS, features }, { ...FACTS, features: { ...features, featureCount: 7 } }],
  ["names of features", { ...FACTS, features: numbered }, { ...FACTS, features }],
  ["larger bags", { ...FACTS, features }, { ...FACTS, features: { ...features, positionCount: 5 } }],
  ["bags of any size", { ...FACTS, features }, { ...FACTS, features: { ...features, positionCount: 0 } }],
])("clients go on with %s", (_, before, after) => {
  expect(breakingChange(before, after)).toBeUndefined();
});

it.each<[string, ClientFacts, ClientFacts]>([
  ["9 dimensions instead of 8", FACTS, { ...FACTS, dim: 9 }],
  ["rows of space b instead of a", { ...FACTS, space: "a" }, { ...FACTS, space: "b" }],
  ["metric cosine instead of dot", FACTS, { ...FACTS, metric: "cosine" }],
  ["labels instead of ids", FACTS, LABELLED],
  ["ids instead of labels", LABELLED, FACTS],
  ["99 classes without labels instead of 100", FACTS, { ...FACTS, itemCount: 99 }],
  ["no table of features", { ...FACTS, features }, FACTS],
  ["features without names", { ...FACTS, features }, { ...FACTS, features: numbered }],
  [
    "49 features without names instead of 50",
    { ...FACTS, features: numbered },
    { ...FACTS, features: { ...numbered, featureCount: 49 } },
  ],
  [
    "bags of at most 3 features instead of 4",
    { ...FACTS, features },
    { ...FACTS, features: { ...features, positionCount: 3 } },
  ],
  [
    "bags of at most 9 features instead of any number",
    { ...FACTS, features: { ...features, positionCount: 0 } },
    { ...FACTS, features: { ...features, positionCount: 9 } },
  ],
  ["9 dimensions instead of 8, metric cosine instead of dot", FACTS, { ...FACTS, dim: 9, metric: "cosine" }],
])("clients are broken by %s", (change, before, after) => {
  expect(breakingChange(before, after)).toBe(change);
});
