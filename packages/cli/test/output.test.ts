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
  expect(output(options).out.paint('red', 'x')).toBe(coloured ? '\u001b[31mx\u001b[39m' : 'x')
})

test('what strangers wrote does not steer the terminal', () => {
  const { out, text } = output({ isTTY: false })
  out.table(['USER'], [['\u001b[2Jasha\r\nroot\u202egnp.exe']])
  out.fields({ answer: '\u001b]0;title\u0007' })
  expect(text()).toBe('USER\n\\u001b[2Jasha\\u000d\\u000aroot\\u202egnp.exe\nanswer  \\u001b]0;title\\u0007\n')
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
