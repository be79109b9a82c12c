import { Command, InvalidArgumentError } from 'commander'
import type { Verdict } from '../doctor/check.js'
import { type Examined, examine } from '../doctor/examine.js'
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
}

const MARKS = { passed: ['green', '✓'], warning: ['yellow', '!'], failed: ['red', '✗'], skipped: ['dim', '-'] } as const

export function doctorCommand(bind: Bind): Command {
  const command = new Command('doctor')
    .description('Examines an endpoint that receives hooks, and says what to mend. Calls that URL and nothing else.')
    .argument('<url>', 'the endpoint, on this machine or anywhere')
    .option(
      '--secret <secret>',
      'the signing secret that it verifies with; TRACT_HOOK_SECRET, or a new one, by default',
    )
    .option('--events <events...>', 'what the URL is for', ['message.receive', 'user_events.create_user'])
    .option('--conversations <number>', 'how many at once', within(1, 256), 32)
    .option('--messages <number>', 'how many in each', within(1, 100), 5)
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
    for await (const finding of examine({ url, secret, events, conversations, messages })) {
      findings.push(finding)
      if (!output.json) show(output, finding)
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
      const counted = `${summary.passed} passed, ${summary.warnings} warnings, ${summary.failed} failed, ${summary.skipped} skipped`
      output.line(`\n${output.paint(summary.failed > 0 ? 'red' : 'green', counted)}`)
    })
  })
  return command
}

/** What was asked, what came, and what to do. */
function show(output: Output, { verdict, check, about, seen, advice, exchange }: Examined): void {
  const [colour, mark] = MARKS[verdict]
  output.line(`${output.paint(colour, mark)} ${check.padEnd(22)} ${about}`)
  if (verdict === 'passed') {
    output.line(`  ${output.paint('dim', plain(seen))}`)
    return
  }
  output.line(`  seen    ${plain(seen)}`)
  if (exchange) {
    const { request, status, answer } = exchange
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature'])
      output.line(`  sent    ${name}: ${plain(request.headers[name] ?? '(left out)')}`)
    output.line(`  sent    ${plain(shortened(request.body))}`)
    if (status !== undefined) output.line(`  came    ${status} ${plain(shortened(answer ?? ''))}`)
  }
  if (advice) output.line(`  do      ${advice}`)
}

const shortened = (text: string) => (text.length > 300 ? `${text.slice(0, 300)} … (${text.length} characters)` : text)

const within = (least: number, most: number) => (text: string) => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InvalidArgumentError(`It has to be from ${least} to ${most}.`)
  return value
}
