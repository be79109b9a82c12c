/** Compares the contract with its last release, as each audience sees them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import semver from 'semver'
import type { OpenApiDocument } from '../codegen/document.js'
import { publish } from '../codegen/publish.js'
import { redocly } from './redocly.js'
import { isFreeToBreak } from './releases.js'

interface Report {
  ok: boolean
  output: string
}

/**
 * @returns whether the version was raised as far as the changes ask, and the changes of each audience's document. What an
 *   audience does not see (such as how a schema is stored) is no change; an operation taken from it is a break.
 */
export async function compareContracts(released: OpenApiDocument, current: OpenApiDocument): Promise<Report> {
  const [from, to] = [released.info.version, current.info.version]
  if (semver.lt(to, from)) return { ok: false, output: `The version went back from ${from} to ${to}.` }
  const free = isFreeToBreak(from, to)
  const rating = free ? [] : ['--check-version']
  const folder = await mkdtemp(join(tmpdir(), 'tract-diff-'))
  try {
    const compare = async (audience: 'vendor' | 'platform'): Promise<Report> => {
      const write = async (name: string, document: OpenApiDocument) => {
        const path = join(folder, `${audience}-${name}.json`)
        await writeFile(path, JSON.stringify(publish(document, audience), null, 2))
        return path
      }
      const [base, revision] = [await write('released', released), await write('current', current)]
      const { ok, output } = await redocly('diff', [base, revision, '--fail-on', 'none', ...rating])
      return { ok, output: output.replaceAll(new RegExp(`[^\\s]*${basename(folder)}.`, 'g'), '') }
    }
    const reports = await Promise.all([compare('vendor'), compare('platform')])
    const ok = reports.every((report) => report.ok)
    const notes = []
    if (free) notes.push(`Anything may change from ${from} to ${to}.`)
    if (!ok && semver.prerelease(from))
      notes.push(`Since ${from} is a pre-release, ${semver.inc(from, 'prerelease')} is enough.`)
    return { ok, output: [...reports.map(({ output }) => output), ...notes].join('\n\n') }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
