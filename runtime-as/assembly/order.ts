/**
 * Positions of extremes and of elements that are not zero, the order of rows, and reading by positions. Rows
 * are x [A, extent, inner].
 */

import { F16, GREATER, I64, LESS, OR_EQUAL, U64 } from '../codes'
import { loadNumber } from './elements'

/** Whether a comes before b. */
@inline function precedes<T>(how: i32, a: T, b: T): bool {
  if (how == LESS) return a < b
  if (how == GREATER) return a > b
  return how == LESS + OR_EQUAL ? a <= b : a >= b
}

/** Elements i and j of x; 64-bit integers are compared exactly. */
@inline function elementPrecedes(how: i32, type: i32, x: usize, i: i32, j: i32): bool {
  if (type == I64) return precedes<i64>(how, load<i64>(x + (i << 3)), load<i64>(x + (j << 3)))
  if (type == U64) return precedes<u64>(how, load<u64>(x + (i << 3)), load<u64>(x + (j << 3)))
  return precedes<f64>(how, loadNumber(x, type, i), loadNumber(x, type, j))
}

@inline function argRow(how: i32, x: usize, n: i32, stride: i32): i32 {
  let best = load<f32>(x)
  let index = 0
  for (let i = 1; i < n; i++) {
    x += stride
    const v = load<f32>(x)
    if (precedes<f32>(how, v, best)) {
      best = v
      index = i
    }
  }
  return index
}

/**
 * The position of the best element in each row (begin ≤ i < end of the A·inner), as i64. x is float32, and
 * `how` is a code from codes.ts.
 */
export function arg_f32(how: i32, x: usize, y: usize, extent: i32, inner: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const outer = i / inner
    const from = x + ((outer * extent * inner + i - outer * inner) << 2)
    let index = 0
    if (how == LESS) index = argRow(LESS, from, extent, inner << 2)
    else if (how == GREATER) index = argRow(GREATER, from, extent, inner << 2)
    else if (how == LESS + OR_EQUAL) index = argRow(LESS + OR_EQUAL, from, extent, inner << 2)
    else index = argRow(GREATER + OR_EQUAL, from, extent, inner << 2)
    store<i64>(y + (i << 3), index as i64)
  }
}

/** The same on any type (elements.ts). */
export function arg_any(how: i32, type: i32, x: usize, y: usize, extent: i32, inner: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const outer = i / inner
    const first = outer * extent * inner + i - outer * inner
    let best = first
    for (let j = 1; j < extent; j++) if (elementPrecedes(how, type, x, first + j * inner, best)) best = first + j * inner
    store<i64>(y + (i << 3), ((best - first) / inner) as i64)
  }
}

@inline function isNumber(type: i32, x: usize, i: i32): bool {
  if (type > F16) return true
  const v = loadNumber(x, type, i)
  return v == v
}

/** Whether element i comes before element j. Numbers come before NaN. */
@inline function ranksBefore(how: i32, type: i32, x: usize, i: i32, j: i32): bool {
  return elementPrecedes(how, type, x, i, j) || (isNumber(type, x, i) && !isNumber(type, x, j))
}

/**
 * The k best elements of each row, best first, as y [A, k, inner], and their indices as i64 of the same shape,
 * for rows begin ≤ i < end. Equal elements keep their order. `how` is LESS (the smallest) or GREATER (the
 * largest), and `size` is the bytes of an element. Each element is inserted into the best ones found so far.
 */
export function topk(
  how: i32, type: i32, x: usize, y: usize, indices: usize, extent: i32, k: i32, inner: i32, size: i32, begin: i32, end: i32,
): void {
  const step = inner << 3
  for (let i = begin; i < end; i++) {
    const outer = i / inner
    const lane = i - outer * inner
    const first = outer * extent * inner + lane
    const best = outer * k * inner + lane
    const to = indices + (best << 3)
    for (let j = 0; j < extent; j++) {
      let at = j < k ? j : k
      if (j >= k) {
        if (k == 0 || !ranksBefore(how, type, x, first + j * inner, first + (load<i64>(to + (k - 1) * step) as i32) * inner)) continue
        at = k - 1
      }
      while (at > 0) {
        const before = load<i64>(to + (at - 1) * step)
        if (!ranksBefore(how, type, x, first + j * inner, first + (before as i32) * inner)) break
        store<i64>(to + at * step, before)
        at--
      }
      store<i64>(to + at * step, j as i64)
    }
    for (let j = 0; j < k; j++) {
      const index = load<i64>(to + j * step) as i32
      memory.copy(y + (best + j * inner) * size, x + (first + index * inner) * size, size)
    }
  }
}

/**
 * The positions of the elements of x that are not zero, in row-major order, and how many there are. Positions
 * are i64 [axes, n], with zeros after the last one.
 *
 * Part 0 is the count, and part 1 + a is the row of axis a; parts begin ≤ i < end are computed. `axes` holds
 * two words for each axis: its extent, and the distance of its elements in x.
 */
export function nonzero(type: i32, x: usize, y: usize, count: usize, axes: usize, n: i32, begin: i32, end: i32): void {
  for (let part = begin; part < end; part++) {
    if (part == 0) store<i64>(count, countNonzero(type, x, n))
    else nonzeroRow(type, x, y + (((part - 1) * n) << 3), load<i32>(axes + ((part - 1) << 3)), load<i32>(axes + ((part - 1) << 3), 4), n)
  }
}

function countNonzero(type: i32, x: usize, n: i32): i64 {
  let count: i64 = 0
  for (let i = 0; i < n; i++) count += i64(loadNumber(x, type, i) != 0)
  return count
}

function nonzeroRow(type: i32, x: usize, y: usize, extent: i32, stride: i32, n: i32): void {
  const last = y + (n << 3)
  for (let i = 0; i < n; i++) {
    if (loadNumber(x, type, i) == 0) continue
    store<i64>(y, ((i / stride) % extent) as i64)
    y += 8
  }
  memory.fill(y, 0, last - y)
}

/**
 * y [A, count, inner] with elements of `size` bytes. y[i] is the element of x at the place of i, except that
 * its position along the axis is indices[i] (i32, or i64 where `wide`).
 *
 * x has `extent` elements along the axis, `stride` elements apart. `places` [A, inner] holds the offsets in x,
 * in elements, that the other axes add. Negative indices count from `extent`. Indices that are still out of
 * range are clamped.
 */
export function gather_elements(
  x: usize, indices: usize, wide: i32, y: usize, places: usize, extent: i32, stride: i32, count: i32, inner: i32, size: i32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; i++) {
    const outer = i / (count * inner)
    let index = wide ? load<i64>(indices + (i << 3)) : (load<i32>(indices + (i << 2)) as i64)
    if (index < 0) index += extent
    if (index < 0) index = 0
    if (index >= (extent as i64)) index = extent - 1
    const place = load<i32>(places + ((outer * inner + (i % inner)) << 2))
    memory.copy(y + i * size, x + (place + (index as i32) * stride) * size, size)
  }
}
