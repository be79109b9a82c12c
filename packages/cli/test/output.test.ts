import { PassThrough } from 'node:stream'
import { expect, test } from '@jest/globals'
import { Output } from '../src/output.js'

/** An output whose text can be read. */
function output({ isTTY = true, env = {}, json = false } = {}) {
  const written: string[] = []
  const stdout = Object.assign(new PassThrough(), { isTTY }).on('data', (chunk) => written.push(String(chunk)))
  return { out: new Output({ env, stdout, stderr: new PassThrough() }, json), text: () => written.join('') }
}

test.each([
  ['on a terminal', {}, true],
  ['in a pipe', { isTTY: false }, false],
  ['where nobody wants them', { env: { NO_COLOR: '1' } }, false],
  ['on a terminal that has none', { env: { TERM: 'dumb' } }, false],
  ['in JSON', { json: true }, false],
])('colours %s: %j', (_title, options, coloured) => {
  const { out, text } = output(options)
  out.line(out.paint('red', 'x'))
  expect(text()).toBe(coloured ? '\u001b[31mx\u001b[39m\n' : 'x\n')
})

test('what strangers wrote does not steer the terminal', () => {
  const { out, text } = output({ isTTY: false })
  out.table(['USER'], [['\u001b[2Jasha\r\nroot\u202egnp.exe']])
  out.fields({ answer: '\u001b]0;title\u0007' })
  expect(text()).toBe('USER\n\\u001b[2Jasha\\u000d\\u000aroot\\u202egnp.exe\nanswer  \\u001b]0;title\\u0007\n')
})

/** C0, DEL, C1 and what turns the direction of writing; lines and tabs are a text's own. */
const STEERING = [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, n) => 0x7f + n)]
  .concat([0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069])
  .map((code) => String.fromCharCode(code))
const raw = (text: string) => STEERING.filter((character) => !/[\n\t]/.test(character) && text.includes(character))

test.each([
  ['a line', (out: Output, text: string) => out.line(text)],
  ['a line in colour', (out: Output, text: string) => out.line(out.paint('red', text))],
  ['an item', (out: Output, text: string) => out.item({ text }, text)],
  ['a result', (out: Output, text: string) => out.result({ text }, () => out.line(text))],
  ['a table', (out: Output, text: string) => out.table([text], [[text]])],
  ['fields', (out: Output, text: string) => out.fields({ [text]: text })],
])('%s has no character of a stranger that steers, in JSON neither', (_about, write) => {
  const hostile = `${STEERING.join('x')}\u001b[31mred\u001b[0m\u009b2J`
  for (const json of [false, true]) {
    const { out, text } = output({ json })
    write(out, hostile)
    const ownColours = ['31', '39', '1', '22', '2'].map((code) => `\u001b[${code}m`)
    const own = ownColours.reduce((rest, colour) => rest.replaceAll(colour, ''), text())
    if (!json) expect(raw(own)).toEqual([])
    else if (_about === 'an item' || _about === 'a result') {
      expect(raw(text())).toEqual([])
      expect(JSON.parse(text())).toEqual({ text: hostile })
    }
  }
  const { out, text } = output({ isTTY: false })
  write(out, hostile)
  expect(raw(text())).toEqual([])
})

test('columns are as wide as what is in them', () => {
  const { out, text } = output({ isTTY: false })
  out.table(
    ['EVENT', 'USER'],
    [
      ['message.receive', 'asha'],
      ['x', undefined],
    ],
  )
  expect(text()).toBe('EVENT            USER\nmessage.receive  asha\nx                -\n')
})

test('columns are as wide as they look', () => {
  const { out, text } = output({ isTTY: false })
  out.table(
    ['USER', 'STATE'],
    [
      ['安娜', 'pending'],
      ['zoe\u0301', 'pending'],
      ['👩‍💻 ab', 'pending'],
    ],
  )
  expect(text()).toBe('USER   STATE\n安娜   pending\nzoe\u0301    pending\n👩‍💻 ab  pending\n')
})
