/** Lints the contract twice: its sources, where a finding names file and line, and the whole that is put together of them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assemble } from '../codegen/assemble.js'
import { redocly } from './redocly.js'

/**
 * @param folder openapi/
 * @returns what the sources are found to have; where that is nothing, what the whole is
 */
export async function lintContract(folder: string): Promise<{ ok: boolean; output: string }> {
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
