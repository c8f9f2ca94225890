/** `npm run start`. */
export async function start(_args: readonly string[]): Promise<number> {
  throw new Error('This command comes with the running system.');
}
