/**
 * `npm run generators`: common generators make clients of the vendor document, whole clients
 * compile, and a program on each gets a token, registers a hook and sends a message at a running
 * service. `npm run generators -- go python` does those whose name has one of the words. A
 * generator whose Java, Go or Python is missing is skipped.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, finish, skip } from './count.mjs'
import { GENERATORS } from './generators/catalogue.mjs'
import { missing } from './generators/tools.mjs'
import { World } from './generators/world.mjs'

const wanted = process.argv.slice(2)
const chosen = GENERATORS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)))
if (chosen.length === 0)
  throw new Error(`there is no such generator; there are ${GENERATORS.map(({ name }) => name).join(', ')}`)

const folder = await mkdtemp(join(tmpdir(), 'tract-generators-'))
let world
try {
  world = await World.start(folder)
  const document = join(folder, 'vendor.json')
  await writeFile(document, await world.document('vendor'))
  for (const { name, needs, make, run } of chosen) {
    const reasons = (await Promise.all(needs.map(missing))).filter((reason) => reason !== undefined)
    if (reasons.length > 0) {
      skip(name, reasons.join('; '))
      continue
    }
    const id = name.replaceAll(' ', '-')
    await check(name, async () => {
      const own = join(folder, id)
      await mkdir(own)
      await make(own, document)
      await run(own, { ...process.env, ...(await world.deskFor(id)) })
      await world.check(id)
    })
  }
} finally {
  await world?.stop()
  await rm(folder, { recursive: true, force: true })
}
finish()
