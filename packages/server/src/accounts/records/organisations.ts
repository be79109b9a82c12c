import type { Organisation, OrganisationCreate, OrganisationUpdate } from '@tract/contract'
import { v7 as uuidv7 } from 'uuid'
import { wireForm } from '../../database/wire-form.js'
import type { PrismaTransaction } from '../prisma.js'
import { type Absent, defined, isAsGiven, type PageOf } from './records.js'

/**
 * Locks an organisation's row and marks its configuration as changed: each transaction that changes the organisation, its
 * listeners or its hooks begins with it, so that they follow one another and every cache notices. False: there is none.
 */
export async function lockOrganisation(prisma: PrismaTransaction, id: string): Promise<boolean> {
  const { count } = await prisma.organisation.updateMany({
    where: { id },
    data: { config_version: { increment: 1 } },
  })
  return count === 1
}

export const organisationRecords = (prisma: PrismaTransaction) => {
  const read = async (id: string) =>
    wireForm('Organisation', await prisma.organisation.findUniqueOrThrow({ where: { id } }))
  return {
    async hasOrganisation(id: string): Promise<boolean> {
      return (await prisma.organisation.findUnique({ where: { id } })) !== null
    },

    /** By id, which is the order of their making. */
    async listOrganisations({ limit, after }: PageOf): Promise<Organisation[]> {
      const rows = await prisma.organisation.findMany({
        where: after === undefined ? {} : { id: { gt: after } },
        orderBy: { id: 'asc' },
        take: limit,
      })
      return rows.map((row) => wireForm('Organisation', row))
    },

    async createOrganisation(given: OrganisationCreate): Promise<Organisation> {
      const now = new Date()
      const data = { ...defined(given), id: uuidv7(), created_at: now, updated_at: now }
      await prisma.organisation.createMany({ data })
      return read(data.id)
    },

    /** `no_listener`: the organisation has no such one that could be the default, or the fallback. */
    async changeOrganisation(
      id: string,
      given: Omit<OrganisationUpdate, 'organisation_id'>,
    ): Promise<Organisation | Absent<'organisation' | 'listener'>> {
      const changes = defined(given)
      const known = await prisma.organisation.findUnique({ where: { id } })
      if (!known) return 'no_organisation'
      if (isAsGiven(known, changes)) return wireForm('Organisation', known)
      if (!(await lockOrganisation(prisma, id))) return 'no_organisation'
      for (const [listener_id, kinds] of [
        [changes.default_listener, ['iva', 'sac', 'ect']],
        [changes.fallback_listener, ['sac', 'ect']],
      ] as const) {
        if (typeof listener_id !== 'string') continue
        const where = { organisation_id: id, listener_id, kind: { in: [...kinds] } }
        if (!(await prisma.listener.findFirst({ where }))) return 'no_listener'
      }
      const data = { ...changes, updated_at: new Date() }
      await prisma.organisation.updateMany({ where: { id }, data })
      return read(id)
    },
  }
}
