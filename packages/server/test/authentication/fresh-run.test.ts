import { describe, expect, test } from '@jest/globals'
import { freshRun } from '../../src/authentication/fresh-run.js'

/** A task whose runs end when told. */
function controlled() {
  const runs: { end: () => void; fail: (error: Error) => void }[] = []
  let atOnce = 0
  let mostAtOnce = 0
  const task = async () => {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    try {
      await new Promise<void>((end, fail) => runs.push({ end, fail }))
    } finally {
      atOnce--
    }
  }
  return { runs, task, mostAtOnce: () => mostAtOnce }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('freshRun', () => {
  test('serves those who ask during a run with one further run', async () => {
    const { runs, task, mostAtOnce } = controlled()
    const ask = freshRun(task)
    const first = ask()
    const later = [ask(), ask(), ask()]
    expect(runs).toHaveLength(1)
    runs[0]?.end()
    await first
    await settled()
    expect(runs).toHaveLength(2)
    runs[1]?.end()
    await Promise.all(later)
    expect(mostAtOnce()).toBe(1)
  })

  test('never runs twice at a time, even for who asks in the very moment between two runs', async () => {
    const { runs, task, mostAtOnce } = controlled()
    const ask = freshRun(task)
    const asked = [ask(), ask()]
    for (let round = 0; round < 20; round++) {
      runs.at(-1)?.end()
      for (let tick = 0; tick < round; tick++) await Promise.resolve()
      asked.push(ask())
      await settled()
    }
    runs.at(-1)?.end()
    await settled()
    runs.at(-1)?.end()
    await Promise.all(asked)
    expect(mostAtOnce()).toBe(1)
  })

  test('a failed run fails those who waited for it, and not the next', async () => {
    const { runs, task } = controlled()
    const ask = freshRun(task)
    const first = ask()
    const second = ask()
    runs[0]?.fail(new Error('no database'))
    await expect(first).rejects.toThrow('no database')
    await settled()
    runs[1]?.end()
    await second
    const third = ask()
    expect(runs).toHaveLength(3)
    runs[2]?.end()
    await third
  })
})
