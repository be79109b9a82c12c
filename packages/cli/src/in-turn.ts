/** Calls that are made one after another. What was done is shown whatever ends them: a secret among it is shown only once. */
import { EXIT } from './exit.js'
import { plain } from './output.js'
import type { Session } from './session.js'

interface Telling<Item, Result> {
  show: (done: Result[]) => void
  /** Says of the others that they were left. */
  left: (items: Item[]) => string
}

/** @throws what ended it, once what was done before is shown */
export async function inTurn<Item, Result>(
  session: Session,
  items: readonly Item[],
  call: (item: Item) => PromiseLike<Result>,
  telling: Telling<Item, Result>,
): Promise<void> {
  const { interrupted, output } = session
  const done: Result[] = []
  try {
    for (const item of items) {
      if (interrupted.aborted) {
        session.exitCode = EXIT.interrupted
        return
      }
      done.push(await call(item))
    }
  } finally {
    const left = items.slice(done.length)
    if (done.length > 0) telling.show(done)
    // a program sees by itself what is missing
    if (done.length > 0 && left.length > 0 && !output.json) output.note(plain(telling.left(left)))
  }
}
