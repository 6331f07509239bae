/** The size of a head and the number of draws from its tail. */
export interface HeadAndDraws {
  readonly scan: number;
  readonly draws: number;
}
