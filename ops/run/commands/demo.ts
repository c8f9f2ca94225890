/** `npm run demo`. */
export async function demo(_args: readonly string[]): Promise<number> {
  throw new Error('This command comes with the running system.');
}
