/** `npm run bench [name]`. */
export async function bench(_args: readonly string[]): Promise<number> {
  throw new Error('Nothing is measured yet.');
}
