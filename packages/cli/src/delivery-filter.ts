/** The options by which deliveries are meant. */
import type { DeliveryFilter } from '@tract/client/platform'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseEvent, split } from './events.js'

export interface FilterOptions {
  user?: string
  event?: string
  state?: 'pending' | 'delivered' | 'undeliverable' | 'cancelled'
  since?: string
  until?: string
  error?: string
  status?: number
  attempts?: number
}

export function filtered(command: Command): Command {
  return command
    .option('--user <id>', 'only those of this user')
    .option('--event <event>', 'only those of this event')
    .addOption(
      new Option('--state <state>', 'only those in this state').choices([
        'pending',
        'delivered',
        'undeliverable',
        'cancelled',
      ]),
    )
    .option('--since <time>', 'only those made since, as 2026-11-25T09:00:00Z, or 15m, 2h, 1d ago', moment)
    .option('--until <time>', 'only those made before', moment)
    .option('--error <error>', 'only those of which an attempt failed so, such as timeout')
    .option('--status <number>', 'only those of which an attempt was answered so', count)
    .option('--attempts <number>', 'only those that were tried at least so often', count)
}

export function filterOf({ user, event, state, since, until, error, status, attempts }: FilterOptions): DeliveryFilter {
  return {
    ...(user !== undefined && { user_id: user }),
    ...(event !== undefined && split(parseEvent(event))),
    ...(state !== undefined && { state }),
    ...(since !== undefined && { created_from: since }),
    ...(until !== undefined && { created_to: until }),
    ...(error !== undefined && { error }),
    ...(status !== undefined && { http_status: status }),
    ...(attempts !== undefined && { attempts_from: attempts }),
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export function moment(text: string): string {
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const time = unit === undefined ? Date.parse(text) : Date.now() - Number(number) * (UNITS[unit] as number)
  if (Number.isNaN(time)) throw new InvalidArgumentError('It has to be a time, or how long ago it was.')
  return new Date(time).toISOString()
}

export function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 10_000)
    throw new InvalidArgumentError('It has to be from 1 to 10000.')
  return value
}
