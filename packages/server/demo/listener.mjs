/**
 * What the three parties of the demo share: an address for their hooks, and what run.mjs is told of them for its picture and its checks.
 * What each of them does is in iva.mjs, message-delivery.mjs and desk.mjs.
 */
import { createServer } from 'node:http'
import { createHookReceiver } from '@tract/client/webhooks'

const { DEMO_URL, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_USER } = process.env

export const account = { baseUrl: DEMO_URL, clientId: DEMO_CLIENT_ID, clientSecret: DEMO_CLIENT_SECRET }

/** The user of this run: TRACT may still have something for us about those of earlier runs. */
export const user_id = DEMO_USER

/** Tells run.mjs what happens here. TRACT has no part in it. */
export function tell(what) {
  process.send(what)
}

export const noted = () => {}

/**
 * Registers hooks, takes what they receive until the demo ends, and unregisters them.
 * @param handlers by 'category.subcategory'
 * @param people what the person at this program can do, by name
 */
export async function listen(tract, handlers, people = {}) {
  const hooks = []
  const watched = Object.entries(handlers).map(([name, handle]) => [
    name,
    (payload, delivery) => {
      if (payload.user_id !== user_id) return
      const { id, sequence, previousId } = delivery
      tell({ got: name, payload, id, sequence, previous: previousId })
      return handle(payload, delivery)
    },
  ])
  const receiver = createHookReceiver({
    secrets: () => hooks.map(({ signing_secret }) => signing_secret),
    handlers: Object.fromEntries(watched),
    onError: (error) => tell({ failed: error.message }),
  })
  const server = createServer(async (request, response) => {
    await receiver.node(request, response)
    if (response.statusCode === 401) tell({ got: 'a delivery', problem: 'the signature is wrong' })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

  for await (const { id, category, subcategory, url } of tract.hooks.list()) {
    tell({ note: `unregistered ${category}.${subcategory} at ${url}, to hear everything here` })
    await tract.hooks.unregister({ id })
  }
  for (const name of Object.keys(handlers)) {
    const [category, subcategory] = name.split('.')
    const url = `http://127.0.0.1:${server.address().port}`
    hooks.push(await tract.hooks.register({ category, subcategory, url }))
  }

  process.on('message', ({ does, words }) => people[does](words).catch((error) => tell({ failed: error.message })))
  process.on('SIGINT', () => {}) // Ctrl-C ends the demo, and that ends us
  process.on('disconnect', async () => {
    try {
      for (const { id } of hooks) await tract.hooks.unregister({ id })
    } finally {
      process.exit()
    }
  })
  tell({ ready: true })
}

process.on('uncaughtException', (error) => process.send({ failed: error.message }, () => process.exit(1)))
