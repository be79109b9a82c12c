/** The verification that *Receiving hooks* shows in each language, with what TRACT signs and with what an attacker would send. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { secretBytes, sign } from '../../server/src/deliver/send/signing.js'
import { ROOT } from '../src/root.js'

const SAMPLES = join(ROOT, 'docs/guide/samples')
const LANGUAGES = [
  {
    name: 'TypeScript',
    version: [process.execPath, '--version'],
    run: [process.execPath, '--import', 'tsx', 'verify.ts'],
  },
  { name: 'Python', version: ['python3', '--version'], run: ['python3', 'verify.py'] },
  { name: 'Go', version: ['go', 'version'], run: ['go', 'run', 'verify.go'] },
  { name: 'Java', version: ['java', '--version'], run: ['java', 'Verify.java'] },
]

const NOW = 1_700_000_000
const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes ...').toString('base64')}`
const OTHER = `whsec_${Buffer.from('another secret of as many bytes.').toString('base64')}`
const ID = '01a1c0de-0000-7000-8000-000000000001'
const BODY = '{"user_id":"8812","message_body":"नमस्ते, my bill"}'

const signed = (secrets: string[], timestamp = NOW, body = BODY) =>
  sign(secrets.map(secretBytes), ID, timestamp, Buffer.from(body))

interface Vector {
  what: string
  signature: string
  valid: boolean
  timestamp?: string
  id?: string
  body?: string
}

const VECTORS: Vector[] = [
  { what: 'as TRACT signs it', signature: signed([SECRET]), valid: true },
  { what: 'while the secret rotates, the old one first', signature: signed([OTHER, SECRET]), valid: true },
  { what: 'an empty body', signature: signed([SECRET], NOW, ''), body: '', valid: true },
  { what: 'five minutes ago', signature: signed([SECRET], NOW - 300), timestamp: String(NOW - 300), valid: true },
  { what: 'with another secret', signature: signed([OTHER]), valid: false },
  { what: 'another body', signature: signed([SECRET]), body: BODY.replace('8812', '8813'), valid: false },
  { what: 'another id', signature: signed([SECRET]), id: `${ID}0`, valid: false },
  { what: 'too old', signature: signed([SECRET], NOW - 301), timestamp: String(NOW - 301), valid: false },
  { what: 'too far ahead', signature: signed([SECRET], NOW + 301), timestamp: String(NOW + 301), valid: false },
  { what: 'a time that is none', signature: signed([SECRET]), timestamp: 'yesterday', valid: false },
  { what: 'of an unknown version', signature: signed([SECRET]).replace('v1,', 'v2,'), valid: false },
  { what: 'without a version', signature: signed([SECRET]).replace('v1,', ''), valid: false },
  { what: 'cut off', signature: signed([SECRET]).slice(0, -4), valid: false },
]

const base64 = (text: string) => Buffer.from(text).toString('base64')
const INPUT = VECTORS.map(({ id = ID, timestamp = String(NOW), signature, body = BODY }) =>
  [SECRET, id, timestamp, signature, NOW, base64(body)].join('\t'),
)

async function printed([program = '', ...args]: string[], input: string): Promise<string> {
  // without the flags of jest's own process; Python leaves nothing beside its source
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    PYTHONDONTWRITEBYTECODE: '1',
    GOFLAGS: '-mod=mod',
    GO111MODULE: 'off',
  }
  const child = spawn(program, args, { cwd: SAMPLES, env, stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part
  })
  child.stdin.end(input)
  expect(await once(child, 'close')).toEqual([0, null])
  return text
}

for (const { name, version, run } of LANGUAGES) {
  const [program = '', ...args] = version
  const isThere = spawnSync(program, args).status === 0
  // a skip has to be seen
  if (!isThere) process.stderr.write(`${program} is not installed: the verification in ${name} is skipped\n`)
  ;(isThere ? test : test.skip)(`${name} tells what TRACT signed from what it did not`, async () => {
    const verdicts = (await printed(run, `${INPUT.join('\n')}\n`)).trim().split(/\r?\n/)
    expect(VECTORS.map(({ what }, index) => [what, verdicts[index]])).toEqual(
      VECTORS.map(({ what, valid }) => [what, String(valid)]),
    )
  })
}
