/** The first `limit` of what comes page by page; no page is asked for beyond them. */
export async function firstOf<T>(items: AsyncIterable<T>, limit: number): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) {
    found.push(item)
    if (found.length === limit) break
  }
  return found
}
