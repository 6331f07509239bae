/** A step of the slider is a hundredth of a power of ten: 0 is one draw, and 400 are 10,000 draws. */
const STEPS_PER_DECADE = 100;
const MILLISECONDS = 5000;

export const drawsAt = (step: number): number => Math.round(10 ** (step / STEPS_PER_DECADE));

/** The button that moves the slider from one draw to all draws, and stops it when it is pressed again. */
export class Play {
  private readonly button: HTMLButtonElement;
  private readonly slider: HTMLInputElement;
  private readonly onStep: () => void;
  private frame: number | undefined;

  constructor(button: HTMLButtonElement, slider: HTMLInputElement, onStep: () => void) {
    this.button = button;
    this.slider = slider;
    this.onStep = onStep;
    button.onclick = () => (this.isPlaying ? this.stop() : this.start());
    slider.oninput = () => {
      if (this.isPlaying) this.stop();
      onStep();
    };
  }

  get isPlaying(): boolean {
    return this.frame !== undefined;
  }

  private start(): void {
    const last = Number(this.slider.max);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.button.textContent = "Pause";
    let begin: number | undefined;
    const step = (now: number): void => {
      begin ??= now;
      const part = calm ? 1 : Math.min(1, (now - begin) / MILLISECONDS);
      this.slider.value = String(Math.round(part * last));
      if (part === 1) {
        this.stop();
        return;
      }
      this.frame = requestAnimationFrame(step);
      this.onStep();
    };
    this.frame = requestAnimationFrame(step);
  }

  private stop(): void {
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    this.frame = undefined;
    this.button.textContent = "Play";
    this.onStep();
  }
}
