/** Runs `task` once at a time. A call during a run shares the next one: the run may have read what was true before the call. */
export function freshRun(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const start = (): Promise<void> => {
    next = undefined
    const run = task()
    const settled = run
      .catch(() => {})
      .then(() => {
        // With a next run waiting, this one counts as running until that one starts, so that no third comes between.
        if (next === undefined) running = undefined
      })
    running = settled
    return run
  }

  return () => {
    if (running === undefined) return start()
    next ??= running.then(start)
    return next
  }
}
