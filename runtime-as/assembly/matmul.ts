/**
 * Batched matrix products of two operands that are known only at run time: a [..., m, k] · b [..., k, n], for
 * rows begin ≤ r < end of batch · m.
 */

import { F16 } from '../codes'
import { loadInteger, loadNumber, storeInteger, storeNumber } from './elements'
import { outerOffset } from './rows'
import { tile1, tile4 } from './tile'

/** `batches` is a walk over the leading axes (rows.ts, two operands), in elements. */
export function matmul_f32(a: usize, b: usize, y: usize, m: i32, k: i32, n: i32, batches: usize, begin: i32, end: i32): void {
  for (let row = begin; row < end; ) {
    const batch = row / m
    const at = row - batch * m
    const left = a + ((outerOffset(batches, 0, 2, batch) + at * k) << 2)
    const right = b + (outerOffset(batches, 1, 2, batch) << 2)
    const stop = (batch + 1) * m < end ? (batch + 1) * m : end
    const four = stop - row >= 4
    for (let o = 0; o < n; o += 8) {
      const to = y + ((row * n + o) << 2)
      const count = n - o < 8 ? n - o : 8
      const w = right + (o << 2)
      if (four) tile4(left, k << 2, 1, 0, 1, 0, k, w, n << 2, 0, 0, 0, to, n << 2, count)
      else tile1(left, 1, 0, 1, 0, k, w, n << 2, 0, 0, 0, to, count)
    }
    row += four ? 4 : 1
  }
}

/** The same for any type (elements.ts). Floats are computed in f64, and integers in i64 and then wrapped. */
export function matmul_any(type: i32, a: usize, b: usize, y: usize, m: i32, k: i32, n: i32, batches: usize, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const batch = row / m
    const left = outerOffset(batches, 0, 2, batch) + (row - batch * m) * k
    const right = outerOffset(batches, 1, 2, batch)
    for (let o = 0; o < n; o++) {
      if (type > F16) {
        let total: i64 = 0
        for (let i = 0; i < k; i++) total += loadInteger(a, type, left + i) * loadInteger(b, type, right + i * n + o)
        storeInteger(y, type, row * n + o, total)
        continue
      }
      let sum: f64 = 0
      for (let i = 0; i < k; i++) sum += loadNumber(a, type, left + i) * loadNumber(b, type, right + i * n + o)
      storeNumber(y, type, row * n + o, sum)
    }
  }
}
