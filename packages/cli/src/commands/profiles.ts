import { Command } from 'commander'
import type { Bind } from '../session.js'

export function profilesCommand(bind: Bind): Command {
  const command = new Command('profiles').description('Shows and chooses the clients that are logged in.')

  bind(command.command('list').description('Lists the profiles.'), async ({ profiles, output }) => {
    const { current, profiles: all } = await profiles.all()
    const list = Object.entries(all).map(([name, { url, client_id, listener, private_key }]) => ({
      ...{ name, current: name === current, url, listener: listener ?? null, client_id },
      authentication: private_key === undefined ? 'secret' : 'private key',
    }))
    output.result(list, () =>
      output.table(
        ['', 'NAME', 'LISTENER', 'ADDRESS', 'CLIENT', 'BY'],
        list.map((one) => [
          one.current ? '*' : ' ',
          one.name,
          one.listener ?? undefined,
          one.url,
          one.client_id,
          one.authentication,
        ]),
      ),
    )
  })

  const use = command.command('use').description('Makes a profile the current one.').argument('<name>', 'the profile')
  bind(use, async ({ profiles, output }, [name = '']) => {
    await profiles.use(name)
    output.result({ current: name }, () => output.line(`The profile is ${name}.`))
  })

  const remove = command
    .command('remove')
    .description('Forgets a profile and its secret.')
    .argument('<name>', 'the profile')
  bind(remove, async ({ profiles, output }, [name = '']) => {
    await profiles.remove(name)
    output.result({ removed: name }, () => output.line(`The profile ${name} is gone.`))
  })
  return command
}
