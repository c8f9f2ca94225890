/** Work under way, by what it is for: who comes while it runs waits for it instead of starting it again. */
export type Flights = (key: string, start: () => Promise<string>) => Promise<string>;

/**
 * Nothing is kept once an answer is there: this is not a cache. What is shared is text, since everybody who reads it makes objects
 * of his own and changes them.
 */
export function createFlights(): Flights {
  const underWay = new Map<string, Promise<string>>();
  return (key, start) => {
    const found = underWay.get(key);
    if (found) return found;
    const flight = start().finally(() => underWay.delete(key));
    underWay.set(key, flight);
    return flight;
  };
}
