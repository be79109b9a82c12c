const UNITS = ['B', 'KiB', 'MiB', 'GiB'] as const

/** A size in the largest unit that says enough: `48213` is `47 KiB`. */
export function bytes(size: number): string {
  const power = Math.min(UNITS.length - 1, size < 1 ? 0 : Math.floor(Math.log2(size) / 10))
  const value = size / 1024 ** power
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`
}
