/**
 * `npm run generators`: common generators make clients of the vendor document, whole clients compile, and a program on each gets a token,
 * registers a hook and sends a message at a running service. `npm run generators -- go python` does those that are called so alone.
 * A generator whose Java, Go or Python is not there is skipped. The last line counts: `N passed, N failed[, N skipped]`.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GENERATORS } from './generators/catalogue.mjs'
import { missing } from './generators/tools.mjs'
import { World } from './generators/world.mjs'

const wanted = process.argv.slice(2)
const chosen = GENERATORS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)))
if (chosen.length === 0)
  throw new Error(`no generator is called so; there are ${GENERATORS.map(({ name }) => name).join(', ')}`)

const counts = { passed: 0, failed: 0, skipped: 0 }
const folder = await mkdtemp(join(tmpdir(), 'tract-generators-'))
let world
try {
  world = await World.start(folder)
  const document = join(folder, 'vendor.json')
  await writeFile(document, await world.document('vendor'))
  for (const generator of chosen) await check(generator, document)
} finally {
  await world?.stop()
  await rm(folder, { recursive: true, force: true })
}
const { passed, failed, skipped } = counts
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
if (failed > 0) process.exitCode = 1

/** @param {import('./generators/catalogue.mjs').Generator} generator */
async function check({ name, needs, make, run }, document) {
  const reasons = (await Promise.all(needs.map(missing))).filter((reason) => reason !== undefined)
  if (reasons.length > 0) {
    counts.skipped++
    return console.log(`- skipped: ${name} (${reasons.join('; ')})`)
  }
  const started = performance.now()
  try {
    const own = join(folder, name.replaceAll(' ', '-'))
    await mkdir(own)
    await make(own, document)
    const made = performance.now()
    const id = name.replaceAll(' ', '-')
    await run(own, await world.deskFor(id))
    await world.check(id)
    counts.passed++
    const seconds = (from, to) => `${((to - from) / 1000).toFixed(1)} s`
    console.log(`✓ ${name} (${seconds(started, made)} to make it, ${seconds(made, performance.now())} to use it)`)
  } catch (error) {
    counts.failed++
    console.log(`✗ ${name}\n${String(error.stack ?? error).replace(/^/gm, '    ')}`)
  }
}
