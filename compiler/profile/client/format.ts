/** Numbers for people, with units. */

/** Three digits or so: `9.32 µs`, `412 µs`, `1.53 ms`. */
export function duration(us: number): string {
  return us < 1000 ? `${digits(us)} µs` : `${digits(us / 1e3)} ms`
}

/** `12.3 %`, from a fraction. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

/** `+12.3 %`, from a fraction. */
export function signedPercent(share: number): string {
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`
}

/** Decimal units. */
export function bytes(n: number): string {
  return scaled(n, ['B', 'kB', 'MB', 'GB'])
}

/** `1.23 M`: decimal units. */
export function count(n: number): string {
  return scaled(n, ['', 'K', 'M', 'G'])
}

/** Three digits or more: no decimals from 100 on, one from 10 on, else two. */
export function digits(x: number): string {
  return x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2)
}

function scaled(n: number, units: readonly string[]): string {
  const power = n < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3))
  return `${power === 0 ? n : digits(n / 1000 ** power)} ${units[power]}`.trim()
}
