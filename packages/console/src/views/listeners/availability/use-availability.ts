import { useAnswer } from '../../../api/use-answer.js'
import { useRepeated } from '../../../api/use-repeated.js'

/** What a listener says lapses by itself, so that no change tells of it. */
const EVERY_MS = 5_000

/** @param listenerId in whose place to ask, any that is enabled; undefined while none is known */
export function useAvailability(organisationId: string, listenerId: string | undefined) {
  const { data, error, reload } = useAnswer('getAvailability', listenerId === undefined ? undefined : { body: {} }, {
    actFor: listenerId && `${organisationId}/${listenerId}`,
  })
  useRepeated(reload, EVERY_MS)
  const partsOf = (listener: string) => data?.availability.filter(({ receiver }) => receiver === listener) ?? []
  return { partsOf, error, reload }
}
