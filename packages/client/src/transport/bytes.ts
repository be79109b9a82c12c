/** Streams of bytes, in both directions. */

export type ByteStream = ReadableStream<Uint8Array<ArrayBuffer>>

/** A stream of what `source` has, read only as far as it is asked for. `failure` turns what it throws into what a reader gets. */
export function streamOf(
  source: AsyncIterator<Uint8Array>,
  failure: (error: unknown) => unknown = (error) => error,
): ByteStream {
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await source.next()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          controller.error(failure(error))
        }
      },
      async cancel() {
        await source.return?.()
      },
    },
    { highWaterMark: 0 },
  )
  return stream as ByteStream
}

/** Browsers other than Firefox cannot iterate over a stream themselves. */
export async function* piecesOf<T>(stream: ReadableStream<T>): AsyncGenerator<T, void, undefined> {
  const reader = stream.getReader()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value
  } finally {
    await reader.cancel().catch(() => {})
  }
}
