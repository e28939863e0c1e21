// How many connections one endpoint gets at once: fewer when it loses some, more again while it answers.

/** Milliseconds in which several lost connections count as one sign. */
const oneSign = 200;
/** Milliseconds to keep still after a sign, and at most: it doubles as long as there is no answer in between. */
const firstPause = 100;
const longestPause = 400;
/** So many answers without a loss, and one connection more is tried. */
const steady = 16;

/** First come, first served. The limit is halved by a loss and grows again by one while all goes well. */
export class Slots {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #limit: number;
  #taken = 0;
  #answers = 0;
  #lostAt = -Infinity;
  #pause = 0;
  #stillUntil = 0;

  constructor(most: number) {
    this.#most = Math.max(1, Math.floor(most));
    this.#limit = this.#most;
  }

  /** How many connections there may be at once, as things are. */
  get limit(): number {
    return this.#limit;
  }

  /** Milliseconds to keep still before the next connection. */
  get stillFor(): number {
    return Math.max(0, this.#stillUntil - performance.now());
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
    this.#pause = 0;
    if (this.#limit === this.#most || this.#answers < steady) return;
    this.#answers = 0;
    this.#limit += 1;
    this.#wake();
  }

  /** A connection was lost by an endpoint that answers others: one too many, or too soon. */
  lost(): void {
    if (!this.slowed()) return;
    this.#pause = Math.min(longestPause, Math.max(firstPause, 2 * this.#pause));
    this.#stillUntil = performance.now() + this.#pause * (0.75 + 0.5 * Math.random());
  }

  /** Answers come late. False where that was told just now. */
  slowed(): boolean {
    const now = performance.now();
    this.#answers = 0;
    if (now - this.#lostAt < oneSign) return false;
    this.#lostAt = now;
    this.#limit = Math.max(1, Math.floor(Math.min(this.#taken, this.#limit) / 2));
    return true;
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
