import type { TractPlatform } from '@tract/client/platform'
import { Command, InvalidArgumentError } from 'commander'
import type { FileService, Verdict } from '../doctor/check.js'
import { CUT_SHORT, type Examined, examine } from '../doctor/examine.js'
import { parseEvents } from '../events.js'
import { EXIT, usage } from '../exit.js'
import { LocalState, SECRET } from '../listen/local-state.js'
import { type Output, plain } from '../output.js'
import type { Bind } from '../session.js'

interface DoctorOptions {
  secret?: string
  events: string[]
  conversations: number
  messages: number
  files?: true
}

const MEANT = ['message.receive', 'user_events.create_user', 'thread_control.offered'] as const
const MARKS = { passed: ['green', '✓'], warning: ['yellow', '!'], failed: ['red', '✗'], skipped: ['dim', '-'] } as const

export function doctorCommand(bind: Bind): Command {
  const command = new Command('doctor')
    .description(
      'Examines an endpoint that receives hooks, and says what to mend. Calls that URL and, without --files, nothing else.',
    )
    .argument('<url>', 'the endpoint, on this machine or anywhere')
    .option(
      '--secret <secret>',
      'the signing secret that it verifies with; TRACT_HOOK_SECRET, or a new one, by default',
    )
    .option('--events <events...>', 'what the URL is for', [...MEANT])
    .option('--conversations <number>', 'how many at once', within(1, 256), 32)
    .option('--messages <number>', 'how many in each', within(1, 100), 5)
    .option(
      '--files',
      'also uploads a small file to TRACT with your profile, and tells the endpoint of it; it goes after a day',
    )
    .addHelpText(
      'after',
      `
The samples are of users named tract-doctor-…: a receiver that works makes users and cases of them, so do not point it at one
that people work with. With the secret of \`tract listen\` it is enough to have configured that: TRACT_HOOK_SECRET.`,
    )
  bind<DoctorOptions>(command, async (session, [url = ''], options) => {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw usage(`${url} is no http or https URL.`)
    const { output, io, profiles } = session
    const given = options.secret ?? (io.env.TRACT_HOOK_SECRET || undefined)
    const secret = given ?? (await new LocalState(profiles.folder).secret())
    if (!SECRET.test(secret)) throw usage('The secret has to be whsec_ and base64.')
    if (given === undefined)
      output.note(
        'Signed with the secret of this machine: configure that of `tract listen --print-secret`, or give --secret.',
      )
    const events = parseEvents(options.events)
    const findings: Examined[] = []
    const { conversations, messages } = options
    const files = options.files && filesOf((await session.connect()).tract)
    for await (const finding of examine({ url, secret, events, conversations, messages, ...(files && { files }) })) {
      if (!output.json && finding.seen !== CUT_SHORT) show(output, finding, findings)
      findings.push(finding)
    }
    const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length
    const summary = {
      passed: count('passed'),
      warnings: count('warning'),
      failed: count('failed'),
      skipped: count('skipped'),
    }
    if (summary.failed > 0) session.exitCode = EXIT.failed
    output.result({ url, ...summary, findings }, () => {
      const counted = `${summary.passed} passed, ${summary.warnings} ${summary.warnings === 1 ? 'warning' : 'warnings'}, ${summary.failed} failed, ${summary.skipped} not run`
      const cut = findings.filter(({ seen }) => seen === CUT_SHORT).length
      if (cut > 0) output.line(`${output.paint('dim', '-')} ${`${cut} other checks`.padEnd(22)} ${CUT_SHORT}`)
      output.line(`\n${output.paint(summary.failed > 0 ? 'red' : 'green', counted)}`)
    })
  })
  return command
}

const filesOf = ({ attachments }: TractPlatform): FileService => ({
  upload: (content, name) => attachments.upload(content, { name }),
  download: async (id) => {
    const pieces: Uint8Array[] = []
    for await (const piece of (await attachments.get(id)).body) pieces.push(piece)
    return Buffer.concat(pieces)
  },
})

/** What was asked, what came, and what to do: the same advice once. What was not run is a line. */
function show(output: Output, finding: Examined, before: readonly Examined[]): void {
  const { verdict, check, about, seen, advice, exchange } = finding
  const [colour, mark] = MARKS[verdict]
  output.line(`${output.paint(colour, mark)} ${check.padEnd(22)} ${verdict === 'skipped' ? seen : about}`)
  if (verdict === 'skipped') return
  if (verdict === 'passed') {
    output.line(`  ${output.paint('dim', plain(seen))}`)
    return
  }
  output.line(`  seen    ${plain(seen)}`)
  if (exchange) showExchange(output, exchange)
  const first = before.find((other) => other.advice === advice)
  if (advice) output.line(`  do      ${first ? `as for ${first.check}` : advice}`)
}

function showExchange(output: Output, { request, status, answer }: NonNullable<Examined['exchange']>): void {
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature'])
    output.line(`  sent    ${name}: ${plain(request.headers[name] ?? '(left out)')}`)
  output.line(`  sent    ${plain(shortened(request.body))}`)
  if (status !== undefined) output.line(`  came    ${status} ${plain(shortened(answer ?? ''))}`)
}

const shortened = (text: string) => (text.length > 300 ? `${text.slice(0, 300)} … (${text.length} characters)` : text)

const within = (least: number, most: number) => (text: string) => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InvalidArgumentError(`It has to be from ${least} to ${most}.`)
  return value
}
