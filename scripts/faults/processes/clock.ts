/** The process's clock, which the harness can set wrong. Timers run by the monotonic clock. */

const now = Date.now.bind(Date)
let wrongBy = 0

Date.now = () => now() + wrongBy
globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [Date.now()] : args, newTarget),
})

export function setClockWrongBy(ms: number): void {
  wrongBy = ms
}
