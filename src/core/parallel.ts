// Work on many things at once, but not on all of them at once.

/**
 * Runs `work` for every item, at most `atOnce` at a time; results in the order of the items.
 * The first rejection rejects the whole; nothing further is started after it.
 */
export async function inParallel<Item, Value>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, index: number) => Promise<Value>,
): Promise<Value[]> {
  const results = new Map<number, Value>();
  let next = 0;
  let failed = false;
  async function lane(): Promise<void> {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        results.set(index, await work(items[index] as Item, index));
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return items.map((_, index) => results.get(index) as Value);
}
