/**
 * Runs `task` once at a time. Whoever asks while it runs shares the next run, not the present one: a run that began
 * earlier may have read what was true before the question.
 */
export function freshRun(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const start = (): Promise<void> => {
    next = undefined
    const run = task()
    const settled = run
      .catch(() => {})
      .then(() => {
        // With a run in waiting this one counts as running until that one starts, so that nobody slips in between.
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
