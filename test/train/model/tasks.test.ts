import { describe, expect, test } from "vitest";
import { checkExamples, mostIds } from "../../../src/train/model/examples.ts";
import { labelExamples, nextItemExamples, nextWordExamples, raggedOf } from "../../../src/train/model/tasks.ts";

describe("examples", () => {
  test("of words look back at those before, the nearest first, at the beginning at fewer", () => {
    const examples = nextWordExamples(Int32Array.of(3, 1, 4, 1), 5, 2);
    expect([...examples.features.offsets]).toEqual([0, 1, 3, 5]);
    expect([...examples.features.ids]).toEqual([3, 1, 3, 4, 1]);
    expect([...examples.features.weights]).toEqual([1, 1, 1, 1, 1]);
    expect([...examples.positives.ids]).toEqual([1, 4, 1]);
    expect(examples).toMatchObject({ classCount: 5, featureCount: 5, positionCount: 2 });
    checkExamples("examples", examples);
  });

  test("of items are the prefixes of each sequence, as the mean of the last ones", () => {
    const examples = nextItemExamples(raggedOf([[2, 0, 1], [3], [], [1, 1]]), 4, 2);
    expect([...examples.features.offsets]).toEqual([0, 1, 3, 4]);
    expect([...examples.features.ids]).toEqual([2, 0, 2, 1]);
    expect([...examples.features.weights]).toEqual([1, 0.5, 0.5, 1]);
    expect([...examples.positives.ids]).toEqual([0, 1, 1]);
    expect(examples.positionCount).toBe(0);
    checkExamples("examples", examples);
  });

  test("of labels keep the rows that have some, with weights of 1/√n where none are given", () => {
    const features = raggedOf([[0, 1, 2, 3], [4], [1]]);
    const labels = raggedOf([[1, 0], [], [2]]);
    const examples = labelExamples(features, labels, 5, 3);
    expect([...examples.features.ids]).toEqual([0, 1, 2, 3, 1]);
    expect([...examples.features.weights]).toEqual([0.5, 0.5, 0.5, 0.5, 1]);
    expect([...examples.positives.offsets]).toEqual([0, 2, 3]);
    const weighted = labelExamples({ ...features, weights: Float32Array.of(1, 2, 3, 4, 5, 6) }, labels, 5, 3);
    expect([...weighted.features.weights]).toEqual([1, 2, 3, 4, 6]);
    checkExamples("examples", examples);
  });

  test("of too little to learn from have no rows", () => {
    expect(nextWordExamples(Int32Array.of(1), 2, 3).positives.ids.length).toBe(0);
    expect(nextWordExamples(new Int32Array(0), 2, 3).positives.ids.length).toBe(0);
    expect(nextItemExamples(raggedOf([[1]]), 2, 3).positives.ids.length).toBe(0);
  });

  test("refuse a history of none", () => {
    expect(() => nextWordExamples(Int32Array.of(0, 1), 2, 0)).toThrow('"history" expected 1 or more, got 0');
    expect(() => nextItemExamples(raggedOf([[0, 1]]), 2, 1.5)).toThrow('"history" expected an integer, got 1.5');
  });

  test("know the most ids that any rows have together", () => {
    const ragged = raggedOf([[1], [1, 2, 3], [], [1, 2]]);
    expect([1, 2, 3, 9].map((rows) => mostIds(ragged, rows))).toEqual([3, 5, 6, 6]);
  });
});
