/** `npm run token`. */
export async function token(_args: readonly string[]): Promise<number> {
  throw new Error('This command comes with the running system.');
}
