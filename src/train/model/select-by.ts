/** The figures of held-out data by which an epoch is the best one. Recall and NDCG are of the 10 best classes. */
export const SELECT_BY = ["loss", "recall", "ndcg"] as const;
/** The figure of held-out data that chooses the best epoch: the lowest "loss", or the highest "recall" or "ndcg". */
export type SelectBy = (typeof SELECT_BY)[number];

/** The k of the recall and the NDCG that choose an epoch, the same as in published figures. */
export const RANKED = 10;

/** Returns the figure by which the epochs of a training were chosen. Settings do not name the loss. */
export const selectedBy = (settings: Readonly<Record<string, string | number>>): SelectBy =>
  SELECT_BY.find((name) => name === settings.selectBy) ?? "loss";
