/** Lints the contract twice: its sources, where a finding names file and line, and the whole that is put together of them. */
import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assemble } from '../codegen/assemble.js'
import { redocly } from './redocly.js'

/** A wider line is not read beside a change of it. */
const MOST_COLUMNS = 160

/**
 * @param folder openapi/
 * @returns what the sources are found to have; where that is nothing, what the whole is
 */
export async function lintContract(folder: string): Promise<{ ok: boolean; output: string }> {
  const wide = await wideLines(folder)
  if (wide.length > 0) return { ok: false, output: wide.join('\n') }
  const settings = join(folder, 'redocly.yaml')
  const sources = await redocly('lint', ['sources', 'usual'], settings)
  if (!sources.ok) return sources
  const whole = await mkdtemp(join(tmpdir(), 'tract-lint-'))
  try {
    const path = join(whole, 'tract.json')
    await writeFile(path, JSON.stringify(await assemble(folder), null, 2))
    return await redocly('lint', [path], settings)
  } finally {
    await rm(whole, { recursive: true, force: true })
  }
}

/** @returns a finding for each line of the sources that is too wide; what was released stays as it is */
async function wideLines(folder: string): Promise<string[]> {
  const findings: string[] = []
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.yaml') || path.startsWith('releases')) continue
    const lines = (await readFile(join(folder, path), 'utf8')).split('\n')
    for (const [index, { length }] of lines.entries()) {
      if (length > MOST_COLUMNS)
        findings.push(`${path}:${index + 1} has ${length} columns; a line has ${MOST_COLUMNS} at most.`)
    }
  }
  return findings
}
