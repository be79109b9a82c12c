/** docs/operations.md has every setting as `--help` tells it. `TRACT_RECORD=1` writes its table; otherwise it is compared. */
import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { help } from '../../src/config.js'

const GUIDE = new URL('../../../../docs/operations.md', import.meta.url)
const BEGIN =
  '<!-- This table is written by `TRACT_RECORD=1 npm test -- packages/server/test/start/operations-guide`. -->\n'
const END = '<!-- Here it ends. -->'

const settings = [...help().matchAll(/^ {2}(\S+) +(.+)\n +Default: (.+)$/gm)].map(([, name, about, shown]) => ({
  name: name as string,
  about: about as string,
  shown: shown as string,
}))

/** What is no word is code. */
const WORDS = /^(none|nothing|(?!<)\S+ .+)$/
const cell = (shown: string) => (WORDS.test(shown) ? shown : `\`${shown}\``)
const code = (about: string) =>
  about.replaceAll(/\b(postgresql|https?|s3):\/\/[^\s;,]*[^\s;,.]|\b[A-Z]+(_[A-Z]+)+\b/g, '`$&`')

const table = [
  '| setting | default | what |',
  '| --- | --- | --- |',
  ...settings.map(({ name, about, shown }) => `| \`${name}\` | ${cell(shown)} | ${code(about)} |`),
  '',
].join('\n')

test('its table has every setting, with its default and what it is', async () => {
  expect(settings).toHaveLength(help().split('Default: ').length - 1)
  const text = await readFile(GUIDE, 'utf8')
  const [from, to] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)]
  expect(from).toBeGreaterThan(BEGIN.length)
  if (process.env.TRACT_RECORD) await writeFile(GUIDE, text.slice(0, from) + table + text.slice(to))
  else expect(text.slice(from, to)).toBe(table)
})

test.each(settings.filter(({ shown }) => /^\d+(\.\d+)?$/.test(shown)))(
  '$name says in what it is counted',
  ({ about }) => {
    expect(about).toMatch(
      /^(Bytes|Calls per client and minute|Connections|Days|Milliseconds|Port|Processes|Seconds|The part)\b/,
    )
  },
)

test('its other tables tell the same defaults', async () => {
  const text = await readFile(GUIDE, 'utf8')
  const others = text.slice(0, text.indexOf(BEGIN)) + text.slice(text.indexOf(END))
  const told = [...others.matchAll(/^\| `([A-Z][A-Z_\d]+)` \| ([^|]+) \|/gm)].map(([, name, value]) => [
    name,
    value?.replaceAll('`', ''),
  ])
  expect(told.length).toBeGreaterThan(15)
  const defaults = new Map(settings.map(({ name, shown }) => [name, shown]))
  expect(told).toEqual(told.map(([name]) => [name, defaults.get(name as string)]))
})
