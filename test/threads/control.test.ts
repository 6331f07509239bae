import { afterEach, expect, test, vi } from "vitest";
import { CONTROL_BYTES, Control } from "../../src/threads/control.ts";

afterEach(() => void vi.restoreAllMocks());

const newControl = (): Control =>
  new Control(new WebAssembly.Memory({ initial: 1, maximum: Math.ceil(CONTROL_BYTES / 65536), shared: true }), 0);

test("a thread does a job once, when it wakes late and then again", () => {
  const control = newControl();
  control.open();
  // The thread has woken for the first job, and before it is busy the second one opens.
  vi.spyOn(Atomics, "store").mockImplementationOnce((words, index, value) => {
    (words as unknown as Int32Array)[index] = Number(value);
    control.close();
    control.open();
    return value as never;
  });
  let waits = 0;
  vi.spyOn(Atomics, "wait").mockImplementation(() => {
    if (++waits > 3) control.end();
    return "ok"; // the notification of a job can come after its work
  });
  let works = 0;
  control.serve(1, () => works++);
  expect(works).toBe(1);
  expect(control.isBusy(1)).toBe(false);
});

test("a thread that finds a job closed does nothing, and does the next one", () => {
  const control = newControl();
  const jobs = [() => control.close(), () => control.open(), () => control.end()];
  control.open();
  vi.spyOn(Atomics, "wait").mockImplementation(() => {
    jobs.shift()?.();
    return "ok";
  });
  let works = 0;
  control.serve(1, () => works++);
  expect(works).toBe(1);
});

test("blocks of a job are taken once, in order, by whoever asks", () => {
  const control = newControl();
  control.open();
  const taken: number[] = [];
  control.readBlocks(0, 5, (block) => {
    taken.push(block);
    if (block === 1) control.readBlocks(1, 5, (other) => taken.push(other) && 10);
    return 1;
  });
  expect(taken).toEqual([0, 1, 2, 3, 4]);
  expect(control.scored).toBe(2 + 30);
});

test("the first failure is kept, with the beginning of its message", () => {
  const control = newControl();
  expect(control.failure).toBeUndefined();
  control.fail(3, "é".repeat(500));
  control.fail(2, "another");
  expect(control.failure).toEqual({ number: 3, message: "é".repeat(240) });
});
