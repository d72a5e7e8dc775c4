/** The table of ranges that checked modules may touch: its layout, the functions that read it, and a view that fills it. */

import binaryen from 'binaryen'
import { readSections, readVector, SECTION } from './binary.ts'

/** An interval of memory: from `start`, included, to `end`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Bytes from the table's start: what failed, and for loads and stores a count and then pairs of start and end. */
const LAYOUT = { address: 0, bytes: 8, load: 16, store: 16384 }

/**
 * Bodies of `check(address, offset, bytes)` for loads and for stores, in the binary format: they return where one
 * range holds all of the access (or it has no bytes), and else note it and trap. Sums are of 64 bits, so that
 * nothing wraps around.
 */
export function checkFunctions(table: number): number[][] {
  const module = binaryen.parseText(`(module (memory 1) ${checkText(table, 'load')} ${checkText(table, 'store')})`)
  const code = readSections(module.emitBinary()).find((s) => s.id === SECTION.code)
  module.dispose()
  return readVector(code?.body as Uint8Array, (r) => r.take(r.u32()))
}

function checkText(table: number, kind: 'load' | 'store'): string {
  const ranges = table + LAYOUT[kind]
  return `
  (func (export "${kind}") (param $address i32) (param $offset i32) (param $bytes i32)
    (local $start i64) (local $end i64) (local $at i32) (local $stop i32)
    (local.set $start (i64.add (i64.extend_i32_u (local.get $address)) (i64.extend_i32_u (local.get $offset))))
    (local.set $end (i64.add (local.get $start) (i64.extend_i32_u (local.get $bytes))))
    (if (i32.eqz (local.get $bytes)) (then (return)))
    (local.set $at (i32.const ${ranges + 4}))
    (local.set $stop (i32.add (local.get $at) (i32.mul (i32.const 8) (i32.load (i32.const ${ranges})))))
    (block $none (loop $next
      (br_if $none (i32.ge_u (local.get $at) (local.get $stop)))
      (if (i32.and
          (i64.ge_u (local.get $start) (i64.load32_u (local.get $at)))
          (i64.le_u (local.get $end) (i64.load32_u offset=4 (local.get $at))))
        (then (return)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br $next)))
    (i64.store (i32.const ${table + LAYOUT.address}) (local.get $start))
    (i32.store (i32.const ${table + LAYOUT.bytes}) (local.get $bytes))
    (unreachable))`
}

export class RangeTable {
  private readonly view: DataView

  constructor(memory: ArrayBuffer, table: number) {
    this.view = new DataView(memory, table)
  }

  allow(kind: 'load' | 'store', ranges: readonly Range[]): void {
    this.view.setUint32(LAYOUT[kind], ranges.length, true)
    ranges.forEach(({ start, end }, i) => {
      this.view.setUint32(LAYOUT[kind] + 4 + 8 * i, start, true)
      this.view.setUint32(LAYOUT[kind] + 8 + 8 * i, end, true)
    })
  }

  /** What the access was that trapped. */
  get fault(): string {
    const start = Number(this.view.getBigUint64(LAYOUT.address, true))
    return `${this.view.getUint32(LAYOUT.bytes, true)} bytes at ${start}`
  }
}
