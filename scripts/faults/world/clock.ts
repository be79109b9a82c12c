/** Milliseconds since the run began, by a clock that nothing sets. */
export type Clock = () => number

export function startClock(): Clock {
  const began = performance.now()
  return () => performance.now() - began
}
