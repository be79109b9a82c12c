import { Command } from 'commander'
import type { Bind } from '../session.js'

export function whoamiCommand(bind: Bind): Command {
  const command = new Command('whoami').description(
    'Says which listener the client is, and what it has to live with: times, history, retries.',
  )
  bind(command, async (session) => {
    const { tract, url } = await session.connect()
    const identity = await tract.identity.whoami()
    session.output.result(identity, () => {
      const { scopes, retry, ...fields } = identity
      session.output.fields({
        ...{ service: url, ...fields },
        scopes: scopes.join(' '),
        'answer within': `${retry.answer_within} s`,
        'tried again after': `${retry.pauses.join(', ')} s, for ${retry.give_up_after} s`,
        'refused, after': `${retry.refused_pauses.join(', ')} s, then given up`,
      })
    })
  })
  return command
}
