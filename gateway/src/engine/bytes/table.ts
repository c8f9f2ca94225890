/** No number stands here. */
export const NOBODY = -1;

/**
 * Numbers by hashes: open addressing over whole numbers, which leaves the collector nothing. There is one, that grows: nobody waits while he uses it.
 */
class Table {
  /** A number plus 1, then its hash, for each slot. */
  #slots = new Int32Array(2 * LEAST);
  #mask = LEAST - 1;
  #count = 0;

  slotOf(hash: number): number {
    return spread(hash) & this.#mask;
  }

  after(slot: number): number {
    return (slot + 1) & this.#mask;
  }

  at(slot: number): number {
    return (this.#slots[2 * slot] ?? 0) - 1;
  }

  /** @param number that no slot has */
  put(hash: number, number: number): void {
    if (2 * this.#count > this.#mask) this.#grow();
    let slot = this.slotOf(hash);
    while (this.at(slot) !== NOBODY) slot = this.after(slot);
    this.#slots[2 * slot] = number + 1;
    this.#slots[2 * slot + 1] = hash;
    this.#count += 1;
  }

  clear(): void {
    if (this.#count > 0) this.#slots.fill(0);
    if (this.#mask >= MOST) {
      this.#slots = new Int32Array(2 * LEAST);
      this.#mask = LEAST - 1;
    }
    this.#count = 0;
  }

  #grow(): void {
    const slots = this.#slots;
    this.#mask = 2 * this.#mask + 1;
    this.#slots = new Int32Array(2 * (this.#mask + 1));
    this.#count = 0;
    for (let at = 0; at < slots.length; at += 2) {
      const number = slots[at] ?? 0;
      if (number > 0) this.put(slots[at + 1] ?? 0, number - 1);
    }
  }
}

/** Lower bits of what differs in few bytes are alike. */
function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}

/** Slots at first, and those that are not kept for the next walk. */
const LEAST = 1024;
const MOST = 64 * 1024;

export const table = new Table();
