// How many connections one endpoint gets at once: fewer when it loses some, more again while it answers.

/** Milliseconds in which several lost connections count as one sign. */
const oneSign = 200;

/** First come, first served. The limit is halved by a loss and grows by one for every so many answers as it is large. */
export class Slots {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #limit: number;
  #taken = 0;
  #answers = 0;
  #lostAt = -Infinity;

  constructor(most: number) {
    this.#most = Math.max(1, Math.floor(most));
    this.#limit = this.#most;
  }

  /** How many connections could be opened now without anybody's waiting. */
  get spare(): number {
    return Math.max(0, this.#limit - this.#taken - this.#waiting.length);
  }

  /** Waits for a slot. Always pair with `release`. */
  async acquire(): Promise<void> {
    if (this.#taken < this.#limit) this.#taken += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    this.#taken -= 1;
    this.#wake();
  }

  answered(): void {
    this.#answers += 1;
    if (this.#limit === this.#most || this.#answers < this.#limit) return;
    this.#answers = 0;
    this.#limit += 1;
    this.#wake();
  }

  /** A connection was lost by an endpoint that answers others: it may be one too many. */
  lost(): void {
    const now = performance.now();
    this.#answers = 0;
    if (now - this.#lostAt < oneSign) return;
    this.#lostAt = now;
    this.#limit = Math.max(1, Math.floor(Math.min(this.#taken, this.#limit) / 2));
  }

  #wake(): void {
    while (this.#taken < this.#limit) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#taken += 1;
      next();
    }
  }
}
