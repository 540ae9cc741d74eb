/** All items of an async sequence, as an array. */
export async function collectAll<T>(sequence: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of sequence) all.push(one)
  return all
}
