import { expect, test } from "vitest";
import { ReachedStates } from "../../worker/live/parts/reached-states.ts";

const stateOf = (sequence: number): string => `${sequence}-${(sequence * 7919).toString(16).padStart(32, "0")}`;

test("states of a log are those that were added, with the places of added classes, in 20 bytes each", () => {
  const states = new ReachedStates(40, stateOf(40));
  for (let sequence = 41; sequence <= 300; sequence++)
    states.add(stateOf(sequence), sequence % 2 ? [sequence % 3, 0] : []);
  expect(states.last).toBe(300);
  for (let sequence = 40; sequence <= 300; sequence++) expect(states.at(sequence)).toBe(stateOf(sequence));
  for (const unknown of [39, 301, undefined]) expect(states.at(unknown)).toBeUndefined();
  expect(states.placesOfAdded(40, 43)).toEqual([2, 0, 1, 0]);
  expect(states.placesOfAdded(41, 42)).toEqual([]);
  expect(states.placesOfAdded(40, 300)).toHaveLength(260);
  expect(states.bytes).toBe(20 * 261);
});
