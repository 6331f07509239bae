import { describe, expect, test } from "vitest";
import type { EpochReport } from "../../../src/train/model/train-options.ts";
import type { SequenceOptions } from "../../../src/train/sequences/options.ts";
import { PRESET_NAMES } from "../../../src/train/sequences/presets.ts";
import { sequenceSettings } from "../../../src/train/sequences/settings.ts";
import { trainSequencesWith } from "../../../src/train/sequences/train.ts";
import { withPreset } from "../../../src/train/sequences/with-preset.ts";
import { modelKernels } from "../model/instances.ts";
import { uniformSampler } from "../model/samplers.ts";

const heldOut = { offsets: Uint32Array.of(0, 4), ids: Int32Array.of(0, 1, 2, 3), itemCount: 5 };
const sampler = () => uniformSampler(5);

describe("a preset", () => {
  test.each(PRESET_NAMES)("%s has settings that a training takes, and trains", async (preset) => {
    const options = withPreset({ preset, sampler, heldOut }, undefined);
    expect(sequenceSettings(options)).toMatchObject({ negatives: options.negatives });
    const { model, history } = await trainSequencesWith(modelKernels(), heldOut, {
      preset,
      sampler,
      heldOut,
      epochs: 2,
    });
    expect(history.length).toBe(2);
    expect(model.shape).toMatchObject({ encoder: options.encoder, dim: options.dim });
  });

  test("gives way to options beside it", () => {
    const preset = "clicks-attention";
    expect(withPreset({ preset }, undefined)).toEqual({
      ...{ encoder: "attention", dim: 64, blocks: 2, heads: 1, dropout: 0.2, length: 200, batchSize: 32, epochs: 25 },
      ...{ learningRate: 0.002, betas: [0.9, 0.98] },
    });
    expect(withPreset({ preset, sampler, negatives: 9 }, undefined)).toMatchObject({ negatives: 9, proposals: 8 });
    expect(withPreset({ preset, heldOut, patience: 3 }, undefined)).toMatchObject({
      patience: 3,
      selectBy: "recall",
      epochs: 100,
    });
    expect(withPreset({ preset, dim: 32, dropout: undefined as never }, undefined)).toMatchObject({
      dim: 32,
      dropout: 0.2,
    });
    expect(withPreset({ dim: 32 }, undefined)).toEqual({ dim: 32 });
  });

  test("chooses no epoch of a training that began without held-out sequences", async () => {
    const options = { preset: "text-gru", dim: 8, sampler } as const;
    const saved: Uint8Array[] = [];
    const onEpoch: SequenceOptions["onEpoch"] = (_, checkpoint) => void saved.push(checkpoint());
    const once = await trainSequencesWith(modelKernels(), heldOut, { ...options, onEpoch });
    expect(once.history.length).toBe(30);
    const measured = { ...options, heldOut, resume: saved.at(-1) as Uint8Array };
    expect(await trainSequencesWith(modelKernels(), heldOut, measured)).toEqual(once);
    const began = { epoch: 1, loss: 1, refreshes: { none: 0, reassigned: 0, rebuilt: 0 }, moved: 0 };
    const measuredEpoch = { ...began, heldOutLoss: 1 };
    const resumed = (...before: EpochReport[]) => withPreset({ preset: "text-gru", heldOut }, before);
    expect(resumed(measuredEpoch, began)).toMatchObject({ epochs: 40, patience: 3 });
    expect(resumed(began, measuredEpoch)).toMatchObject({ epochs: 5 });
    expect(resumed(began, measuredEpoch)).not.toHaveProperty("patience");
  });

  test("leaves the rate and the decay to another optimizer", () => {
    const options = withPreset({ preset: "short-clicks-attention", optimizer: "adagrad" }, undefined);
    expect(sequenceSettings(options)).toMatchObject({ optimizer: "adagrad", learningRate: 0.1, weightDecay: 0 });
  });

  test("of another name or another encoder is refused", () => {
    expect(() => withPreset({ preset: "best" as never }, undefined)).toThrow(
      '"preset" expected clicks-gru or clicks-attention',
    );
    expect(() => withPreset({ preset: "text-gru", encoder: "attention" }, undefined)).toThrow(
      '"encoder" expected gru, as preset text-gru has, got attention',
    );
  });
});
