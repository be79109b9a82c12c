import type { AvailabilityList, ReceiverAvailability } from '@tract/contract'
import { Refusal } from '../../accept/refusal.js'
import { keepStatement, MOST_TEAMS, readStatements } from '../../accounts/availability/availability.js'
import type { OrganisationRecord } from '../../accounts/organisations.js'
import { mayHoldControl } from '../../threads/roles.js'
import type { Call } from '../call.js'
import { ContractViolation } from '../errors.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

export function availabilityHandlers({ pool, organisations }: Services) {
  return {
    setAvailability: ({ body }, call) => {
      const { caller } = call
      return call.transact(async ({ client, now }): Promise<ReceiverAvailability> => {
        const organisation = await organisations.at(client, caller.organisationId, undefined)
        const listener = present(organisation, caller.listener)
        if (!mayHoldControl(listener)) {
          const message = `A listener of kind ${listener.kind} never holds control.`
          throw new Refusal('availability_not_allowed', message)
        }
        if (!(await keepStatement(client, caller, body, now))) {
          const message = `would be one team more than ${MOST_TEAMS}, of which something may stand at a time`
          throw new ContractViolation([{ path: '/team', message }])
        }
        const statements = await readStatements(client, caller.organisationId, caller.listener, now)
        return { ...whose(caller.listener, body.team), ...statements.at(listener, body.team, now) }
      })
    },

    getAvailability: async ({ body }, { caller }): Promise<AvailabilityList> => {
      const { receiver, team } = body
      const now = new Date()
      const organisation = await organisations.at(pool, caller.organisationId, undefined)
      const asked =
        receiver === undefined
          ? [...(organisation?.listeners.values() ?? [])].filter((one) => one.enabled && mayHoldControl(one))
          : [present(organisation, receiver)]
      const statements = await readStatements(pool, caller.organisationId, receiver ?? null, now)
      return {
        availability: asked.flatMap((listener) => {
          const teams = team === undefined ? [undefined, ...statements.teams(listener.id)] : [team]
          return teams.map((one) => ({ ...whose(listener.id, one), ...statements.at(listener, one, now) }))
        }),
      }
    },
  } satisfies Partial<Handlers<Call>>
}

const whose = (receiver: string, team: string | undefined) => ({ receiver, ...(team !== undefined && { team }) })

function present(organisation: OrganisationRecord | null, listener: string) {
  const record = organisation?.listeners.get(listener)
  if (record?.enabled) return record
  throw new Refusal('listener_not_found', 'The organisation has no such listener.')
}
