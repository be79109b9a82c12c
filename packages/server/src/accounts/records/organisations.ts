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

/** The kinds of listeners that an organisation may name as each. */
const KINDS_OF = [
  ['default_listener', ['iva', 'sac', 'ect']],
  ['fallback_listener', ['sac', 'ect']],
] as const

/** Which of them is none, or is of another kind. */
export interface UnfitListener {
  unfit: (typeof KINDS_OF)[number][0]
  kinds: readonly string[]
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

    async changeOrganisation(
      id: string,
      given: Omit<OrganisationUpdate, 'organisation_id'>,
    ): Promise<Organisation | Absent<'organisation'> | UnfitListener> {
      const changes = defined(given)
      const known = await prisma.organisation.findUnique({ where: { id } })
      if (!known) return 'no_organisation'
      if (isAsGiven(known, changes)) return wireForm('Organisation', known)
      if (!(await lockOrganisation(prisma, id))) return 'no_organisation'
      for (const [unfit, kinds] of KINDS_OF) {
        const listener_id = changes[unfit]
        if (typeof listener_id !== 'string') continue
        const where = { organisation_id: id, listener_id, kind: { in: [...kinds] } }
        if (!(await prisma.listener.findFirst({ where }))) return { unfit, kinds }
      }
      const data = { ...changes, updated_at: new Date() }
      await prisma.organisation.updateMany({ where: { id }, data })
      return read(id)
    },
  }
}
