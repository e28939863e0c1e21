// Divides the connections that one endpoint may have at once among the inquiries that go on beside each other.

/** How many questions an inquiry may have on their way while about so many values are left to be found; 0 ends it. */
export type Share = (left: number) => number;

/** With room for all, so many questions for each value that is left: fewer rounds, and most of the questions in vain. */
const generous = 3;

export class Shares {
  readonly #left = new Map<symbol, number>();
  readonly #most: () => number;

  /** @param most connections at once; it may change */
  constructor(most: () => number) {
    this.#most = most;
  }

  /** For an inquiry that is likely to find so many values: each gets a part of all connections by what it has left. */
  join(likely: number): Share {
    const inquiry = Symbol('inquiry');
    this.#left.set(inquiry, likely);
    return (left) => {
      if (left === 0) this.#left.delete(inquiry);
      else this.#left.set(inquiry, left);
      const all = [...this.#left.values()].reduce((sum, value) => sum + value, 0);
      const fair = Math.floor((this.#most() * left) / Math.max(all, left));
      return Math.max(1, Math.min(fair, Math.ceil(generous * left) + 1));
    };
  }
}
