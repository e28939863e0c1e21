// What a benchmark prints: one JSON line for each figure, as scripts/bench.mjs reads it.

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** `<= 5` or `>= 1000`, in the unit of the value; none where the figure only informs. */
  readonly goal?: string;
}

export function printFigure({ value, ...figure }: Figure): void {
  console.log(JSON.stringify({ ...figure, value: Number(value.toFixed(2)) }));
}

/** The value below which the share of all values lies; `quantile(values, 0.5)` is the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new Error('There are no values to take a quantile of.');
  return found;
}

export interface Series {
  readonly name: string;
  readonly unit: string;
  readonly goal?: string;
}

/** Prints the median, with the goal, and how far the slow ones reach. */
export function printSeries(values: readonly number[], { name, unit, goal }: Series): void {
  const figure = { name: `${name}, median of ${values.length}`, value: quantile(values, 0.5), unit };
  printFigure(goal === undefined ? figure : { ...figure, goal });
  printFigure({ name: `${name}, 9 of 10 within`, value: quantile(values, 0.9), unit });
}
