/** Node warns of more than ten listeners at a signal: so it has one, for all that is under way with it. */

interface Watch {
  readonly ends: Set<() => void>
  readonly tell: () => void
}

const WATCHES = new WeakMap<AbortSignal, Watch>()

/** Calls `end` once the signal is aborted. @returns what takes that back, for when there is nothing to end any more */
export function onAbort(signal: AbortSignal | undefined, end: () => void): () => void {
  if (!signal) return () => {}
  const watch = WATCHES.get(signal) ?? begin(signal)
  watch.ends.add(end)
  return () => {
    watch.ends.delete(end)
    if (watch.ends.size > 0 || WATCHES.get(signal) !== watch) return
    WATCHES.delete(signal)
    signal.removeEventListener('abort', watch.tell)
  }
}

function begin(signal: AbortSignal): Watch {
  const ends = new Set<() => void>()
  const tell = () => {
    for (const end of [...ends]) end()
  }
  const watch = { ends, tell }
  WATCHES.set(signal, watch)
  signal.addEventListener('abort', tell, { once: true })
  return watch
}
