import type { Listener, ListenerCreate, ListenerKind, ListenerUpdate } from '@tract/contract'
import { wireForm } from '../../database/wire-form.js'
import { NO_JSON, type PrismaTransaction, type PrismaTypes } from '../prisma.js'
import { lockOrganisation } from './organisations.js'
import { type Absent, defined, isAsGiven, type PageOf } from './records.js'

/** `null`: it has none any more. */
const storedHours = (hours: ListenerUpdate['hours']) =>
  hours === undefined ? {} : { hours: hours === null ? NO_JSON : ({ ...hours } as PrismaTypes.InputJsonObject) }

/** Thread control asks no setting of theirs. */
const isAlwaysPrimary = (kind: string): boolean => kind === 'iva' || kind === 'sac'

export const listenerRecords = (prisma: PrismaTransaction) => {
  const find = (organisation_id: string, listener_id: string) =>
    prisma.listener.findFirst({ where: { organisation_id, listener_id } })
  return {
    /** The kind of a listener, enabled or not. */
    async findKind(
      organisationId: string,
      listenerId: string,
    ): Promise<{ kind: ListenerKind } | Absent<'organisation' | 'listener'>> {
      if (!(await prisma.organisation.findUnique({ where: { id: organisationId } }))) return 'no_organisation'
      return (await find(organisationId, listenerId)) ?? 'no_listener'
    },

    async listListeners(organisation_id: string, { limit, after }: PageOf): Promise<Listener[]> {
      const rows = await prisma.listener.findMany({
        where: { organisation_id, ...(after !== undefined && { listener_id: { gt: after } }) },
        orderBy: { listener_id: 'asc' },
        take: limit,
      })
      return rows.map((row) => wireForm('Listener', row))
    },

    async createListener(given: ListenerCreate): Promise<Listener | Absent<'organisation'> | 'listener_exists'> {
      const { organisation_id, listener_id, kind, ...settings } = given
      const { name = listener_id, is_primary: isSet = false, hours, ...others } = settings
      const is_primary = isSet || isAlwaysPrimary(kind)
      if (!(await lockOrganisation(prisma, organisation_id))) return 'no_organisation'
      if (await find(organisation_id, listener_id)) return 'listener_exists'
      const now = new Date()
      const key = { organisation_id, listener_id }
      const stored = { ...defined(others), ...storedHours(hours) }
      const data = { ...key, kind, name, is_primary, ...stored, created_at: now, updated_at: now }
      await prisma.listener.createMany({ data })
      return wireForm('Listener', await prisma.listener.findFirstOrThrow({ where: key }))
    },

    /** `isSwitched`: it was disabled and is enabled now, or the other way round. */
    async changeListener(
      given: ListenerUpdate,
    ): Promise<{ listener: Listener; isSwitched: boolean } | Absent<'organisation' | 'listener'>> {
      const { organisation_id, listener_id, hours, ...settings } = given
      const changes = defined(settings)
      const isKept = (row: object) => isAsGiven(row, { ...changes, ...(hours !== undefined && { hours }) })
      const known = await find(organisation_id, listener_id)
      if (known && isKept(known)) return { listener: wireForm('Listener', known), isSwitched: false }
      if (!(await lockOrganisation(prisma, organisation_id))) return 'no_organisation'
      const before = await find(organisation_id, listener_id)
      if (!before) return 'no_listener'
      const where = { organisation_id, listener_id }
      const is = isAlwaysPrimary(before.kind) ? { is_primary: true } : {}
      const data = { ...changes, ...is, ...storedHours(hours), updated_at: new Date() }
      await prisma.listener.updateMany({ where, data })
      const after = await prisma.listener.findFirstOrThrow({ where })
      return { listener: wireForm('Listener', after), isSwitched: after.enabled !== before.enabled }
    },
  }
}
