/** `npm run bench`. */
export async function bench(_args: readonly string[]): Promise<number> {
  throw new Error('This command comes with the running system.');
}
