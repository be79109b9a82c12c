import type { Hook, RegisteredHook } from '@tract/contract'
import { v7 as uuidv7 } from 'uuid'
import { newHookSecret } from '../../database/new-secrets.js'
import { type SecretBox, UnsealError } from '../../database/secret-box.js'
import { wireForm } from '../../database/wire-form.js'
import { hookSecretContext, STREAM_URL } from '../hooks.js'
import type { ListenerKey } from '../listeners.js'
import type { HookRow, PrismaTransaction, PrismaTypes } from '../prisma.js'
import { lockOrganisation } from './organisations.js'
import type { Absent } from './records.js'

/** Milliseconds for which the secret before is valid beside the new one: a vendor's deployments take a day at most. */
const ROTATION_MS = 24 * 3_600_000

/** A hook as deliveries need it. */
export interface SigningHook {
  id: string
  url: string
  /** Disabled while its listener is. */
  status: 'active' | 'disabled'
  /** Opened as they are read, which fails for a damaged one. The newest first: two while a secret rotates, if the one before is whole. */
  readonly secrets: string[]
  category: string
  subcategory: string
  failingSince: Date | null
  /** For how long of that it was tried. */
  failingMs: number
}

/** What of a hook's row that is made of. */
export type StoredHook = Pick<
  HookRow,
  | 'id'
  | 'url'
  | 'status'
  | 'secret'
  | 'previous_secret'
  | 'previous_secret_expires_at'
  | 'category'
  | 'subcategory'
  | 'failing_since'
  | 'failing_seconds'
>

/** A hook after a call that was to change it; `isChanged`: it was not as wanted before. */
export interface ChangedHook<Result> {
  result: Result
  isChanged: boolean
}

type WithSecret = RegisteredHook & { signing_secret: string }

/** Fields of a hook that is called from now on. */
const active = (now: Date) => ({
  status: 'active' as const,
  disabled_reason: null,
  failing_since: null,
  updated_at: now,
})

/** At the stream, a hook keeps how it stood before; at a URL there is nothing to go back to. */
function former({ url, status, disabled_reason }: HookRow, to: string) {
  if (to !== STREAM_URL) return { former_url: null, former_status: null, former_disabled_reason: null }
  if (url === STREAM_URL) return {}
  const isDisabled = status === 'disabled'
  return {
    former_url: url,
    former_status: isDisabled ? status : null,
    former_disabled_reason: isDisabled ? disabled_reason : null,
  }
}

const registered = ({ id, category, subcategory, url, status }: RegisteredHook): RegisteredHook => ({
  id,
  category,
  subcategory,
  url,
  status,
})

const owned = ({ organisationId, listener }: ListenerKey) => ({
  organisation_id: organisationId,
  listener_id: listener,
})

interface GivenHook {
  category: string
  subcategory: string
  url: string
  /** Absent: a new hook gets one of its own, and another keeps it. */
  signing_secret?: string | undefined
}

const findOwn = (prisma: PrismaTransaction, owner: ListenerKey, id: string) =>
  prisma.hook.findFirst({ where: { id, ...owned(owner) } })

export function signing(box: SecretBox, hook: StoredHook): SigningHook {
  const rotates = hook.previous_secret_expires_at !== null && hook.previous_secret_expires_at > new Date()
  const previous = rotates ? hook.previous_secret : null
  return {
    id: hook.id,
    url: hook.url,
    status: hook.status,
    get secrets() {
      const before = previous && opened(box, previous, hook.id)
      return [box.openText(hook.secret, hookSecretContext(hook.id)), ...(before ? [before] : [])]
    },
    category: hook.category,
    subcategory: hook.subcategory,
    failingSince: hook.failing_since,
    failingMs: hook.failing_seconds * 1000,
  }
}

/** What is asked of hooks, and how each stands with its receiver. */
export function hookRecords(prisma: PrismaTransaction, box: SecretBox) {
  return {
    async listHooks(owner: ListenerKey): Promise<Hook[]> {
      const rows = await prisma.hook.findMany({
        where: owned(owner),
        orderBy: [{ category: 'asc' }, { subcategory: 'asc' }],
      })
      return rows.map((row) => wireForm('Hook', row))
    },

    /** A listener's own hook, by its id. Null: it has no such one. */
    async findOwnHook(owner: ListenerKey, id: string): Promise<SigningHook | null> {
      const hook = await findOwn(prisma, owner, id)
      return hook && signing(box, hook)
    },

    /** Since when a hook is failing, null for no more, and for how long of that it was tried. */
    async setFailing(id: string, since: Date | null, forMs = 0): Promise<void> {
      const data = { failing_since: since, failing_seconds: Math.floor(forMs / 1000) }
      await prisma.hook.updateMany({ where: { id }, data })
    },
    ...hookChanges(prisma, box),
  }
}

/** Runs `work` with the organisation locked, unless `done` knows the hook to be as wanted: no cache has to notice then. */
const changing =
  (prisma: PrismaTransaction) =>
  async <Result>(
    owner: ListenerKey,
    id: string,
    work: (hook: HookRow) => Promise<Result>,
    done: (hook: HookRow) => Result | null = () => null,
  ): Promise<ChangedHook<Result> | Absent<'hook'>> => {
    const known = await findOwn(prisma, owner, id)
    if (!known) return 'no_hook'
    const result = done(known)
    if (result !== null) return { result, isChanged: false }
    await lockOrganisation(prisma, owner.organisationId)
    const hook = await findOwn(prisma, owner, id)
    return hook ? { result: await work(hook), isChanged: true } : 'no_hook'
  }

const updating =
  (prisma: PrismaTransaction) =>
  async (id: string, data: PrismaTypes.HookUncheckedUpdateManyInput): Promise<HookRow> => {
    await prisma.hook.updateMany({ where: { id }, data })
    return prisma.hook.findUniqueOrThrow({ where: { id } })
  }

function hookChanges(prisma: PrismaTransaction, box: SecretBox) {
  const update = updating(prisma)
  const change = changing(prisma)
  return {
    registerHook: (owner: ListenerKey, given: GivenHook) => registerHook(prisma, box, owner, given),

    removeHook: (owner: ListenerKey, id: string) =>
      change(owner, id, async () => {
        await prisma.hook.deleteMany({ where: { id } })
        return { success: true as const }
      }),

    enableHook: (owner: ListenerKey, id: string): Promise<ChangedHook<Hook> | Absent<'hook'>> =>
      change(
        owner,
        id,
        async () => {
          const data = { ...active(new Date()), former_status: null, former_disabled_reason: null }
          return wireForm('Hook', await update(id, data))
        },
        (hook) => (hook.status === 'active' ? wireForm('Hook', hook) : null),
      ),

    disableHook: (owner: ListenerKey, id: string, reason: string | null): Promise<ChangedHook<Hook> | Absent<'hook'>> =>
      change(
        owner,
        id,
        async () => {
          const data = { status: 'disabled' as const, disabled_reason: reason, updated_at: new Date() }
          return wireForm('Hook', await update(id, data))
        },
        (hook) => (hook.status === 'disabled' && hook.disabled_reason === reason ? wireForm('Hook', hook) : null),
      ),

    rotateHookSecret: (owner: ListenerKey, id: string): Promise<ChangedHook<WithSecret> | Absent<'hook'>> =>
      change(owner, id, async (before) => {
        const secret = newHookSecret()
        const now = new Date()
        const hook = await update(id, { ...inPlaceOf(box, before, secret, now), updated_at: now })
        return { ...registered(hook), signing_secret: secret }
      }),
  }
}

const seal = (box: SecretBox, secret: string, id: string) => new Uint8Array(box.seal(secret, hookSecretContext(id)))

/** A sealed secret of this hook; null for a damaged one. */
function opened(box: SecretBox, sealed: Uint8Array, id: string): string | null {
  try {
    return box.openText(sealed, hookSecretContext(id))
  } catch (error) {
    if (error instanceof UnsealError) return null
    throw error
  }
}

/** Another secret in place of the one of a hook, which holds for a day more, unless it is damaged. */
function inPlaceOf(box: SecretBox, hook: HookRow, secret: string, now: Date) {
  const isWhole = opened(box, hook.secret, hook.id) !== null
  return {
    secret: seal(box, secret, hook.id),
    previous_secret: isWhole ? hook.secret : null,
    previous_secret_expires_at: isWhole ? new Date(now.getTime() + ROTATION_MS) : null,
  }
}

/** A new hook, with its secret; one of this name that there is is moved and enabled, and gets the secret that is given. */
async function registerHook(
  prisma: PrismaTransaction,
  box: SecretBox,
  owner: ListenerKey,
  { category, subcategory, url, signing_secret: given }: GivenHook,
): Promise<{ hook: RegisteredHook | WithSecret; isChanged: boolean }> {
  const name = { ...owned(owner), category, subcategory }
  const otherThan = ({ id, secret }: HookRow) =>
    given === undefined || opened(box, secret, id) === given ? undefined : given
  const known = await prisma.hook.findFirst({ where: name })
  if (known?.url === url && known.status === 'active' && otherThan(known) === undefined)
    return { hook: registered(known), isChanged: false }
  await lockOrganisation(prisma, owner.organisationId)
  const now = new Date()
  const before = await prisma.hook.findFirst({ where: name })
  if (before) {
    const other = otherThan(before)
    const after = await updating(prisma)(before.id, {
      url,
      ...active(now),
      ...former(before, url),
      ...(other !== undefined && inPlaceOf(box, before, other, now)),
    })
    return { hook: { ...registered(after), ...(other !== undefined && { signing_secret: other }) }, isChanged: true }
  }
  const id = uuidv7()
  const secret = given ?? newHookSecret()
  const hook = { ...name, id, url, status: 'active' } as const
  await prisma.hook.createMany({ data: { ...hook, secret: seal(box, secret, id), created_at: now, updated_at: now } })
  return { hook: { ...registered(hook), signing_secret: secret }, isChanged: false }
}
