// Where the steps of a hotline run write, from the run's folder.
export const FILES = {
  selection: "select/selection.parquet",
  model: "model",
  counts: "select/counts.json",
  scored: "score/scored.parquet",
  results: "results",
} as const;
