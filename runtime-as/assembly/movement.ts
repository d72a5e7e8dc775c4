/** Kernels that move elements without computing, by element size in bits. */

import { outerOffset, word } from './rows'

/** Bytes begin ≤ i < end: y[i] = x[i]. */
export function copy(x: usize, y: usize, begin: i32, end: i32): void {
  memory.copy(y + begin, x + begin, end - begin)
}

/** Copies short blocks with inline code, and longer ones as bulk memory. */
@inline function copyBlock(y: usize, x: usize, bytes: i32): void {
  if (bytes == 4) store<u32>(y, load<u32>(x))
  else if (bytes == 8) store<u64>(y, load<u64>(x))
  else if (bytes < 4) for (let i = 0; i < bytes; i++) store<u8>(y + i, load<u8>(x + i))
  else memory.copy(y, x, bytes)
}

/**
 * Copies rows begin ≤ r < end of `bytes` each. They are `fromStride` bytes apart in x and `toStride` bytes
 * apart in y. Joins and splits along an axis use it.
 */
export function copy_rows(x: usize, y: usize, bytes: i32, fromStride: i32, toStride: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) copyBlock(y + r * toStride, x + r * fromStride, bytes)
}

/** Writes a contiguous y from a strided walk over x (rows.ts, one operand). Strides may be negative or 0. */
@inline function copyStrided<T>(x: usize, y: usize, rows: usize, begin: i32, end: i32): void {
  const middle = word(rows, 1)
  const inner = word(rows, 2)
  const middleStride = word(rows, 3) * sizeof<T>()
  const innerStride = word(rows, 4) * sizeof<T>()
  for (let row = begin; row < end; ) {
    const outer = row / middle
    const stop = (outer + 1) * middle < end ? (outer + 1) * middle : end
    let from = x + outerOffset(rows, 0, 1, outer) * sizeof<T>() + (row - outer * middle) * middleStride
    for (; row < stop; row++) {
      const to = y + row * inner * sizeof<T>()
      if (innerStride == sizeof<T>() && inner * sizeof<T>() >= 32) memory.copy(to, from, inner * sizeof<T>())
      else for (let i = 0; i < inner; i++) store<T>(to + i * sizeof<T>(), load<T>(from + i * innerStride))
      from += middleStride
    }
  }
}

/** Elements of one byte. */
export function copy_strided_8(x: usize, y: usize, rows: usize, begin: i32, end: i32): void {
  copyStrided<u8>(x, y, rows, begin, end)
}

/** Elements of two bytes. */
export function copy_strided_16(x: usize, y: usize, rows: usize, begin: i32, end: i32): void {
  copyStrided<u16>(x, y, rows, begin, end)
}

/** Elements of four bytes. */
export function copy_strided_32(x: usize, y: usize, rows: usize, begin: i32, end: i32): void {
  copyStrided<u32>(x, y, rows, begin, end)
}

/** Elements of eight bytes. */
export function copy_strided_64(x: usize, y: usize, rows: usize, begin: i32, end: i32): void {
  copyStrided<u64>(x, y, rows, begin, end)
}

/** One 4×4 block of 32-bit elements; strides in bytes. */
@inline function transposeBlock(x: usize, xStride: usize, y: usize, yStride: usize): void {
  const a = v128.load(x)
  const b = v128.load(x + xStride)
  const c = v128.load(x + 2 * xStride)
  const d = v128.load(x + 3 * xStride)
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
  v128.store(y, v128.shuffle<i64>(ab, cd, 0, 2))
  v128.store(y + yStride, v128.shuffle<i64>(ab, cd, 1, 3))
  v128.store(y + 2 * yStride, v128.shuffle<i64>(abHigh, cdHigh, 0, 2))
  v128.store(y + 3 * yStride, v128.shuffle<i64>(abHigh, cdHigh, 1, 3))
}

/** Transposes the elements of one matrix that are outside [0, doneRows) × [0, doneColumns). */
@inline function transposeRest(x: usize, y: usize, rows: i32, columns: i32, doneRows: i32, doneColumns: i32): void {
  for (let c = 0; c < columns; c++) {
    for (let r = c < doneColumns ? doneRows : 0; r < rows; r++) {
      store<u32>(y + ((c * rows + r) << 2), load<u32>(x + ((r * columns + c) << 2)))
    }
  }
}

/** Matrices begin ≤ i < end: y[i][c][r] = x[i][r][c]. */
export function transpose_32(x: usize, y: usize, rows: i32, columns: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const from = x + ((i * rows * columns) << 2)
    const to = y + ((i * rows * columns) << 2)
    let doneRows = 0
    let doneColumns = 0
    if (ASC_FEATURE_SIMD) {
      doneRows = rows & ~3
      doneColumns = columns & ~3
      for (let c = 0; c < doneColumns; c += 4) {
        for (let r = 0; r < doneRows; r += 4) {
          transposeBlock(from + ((r * columns + c) << 2), columns << 2, to + ((c * rows + r) << 2), rows << 2)
        }
      }
    }
    transposeRest(from, to, rows, columns, doneRows, doneColumns)
  }
}

/** Fills `bytes` with the element of `size` bytes at `value`. */
function fill(y: usize, value: usize, size: i32, bytes: i32): void {
  let zero = true
  for (let i = 0; i < size; i++) if (load<u8>(value + i)) zero = false
  if (zero) memory.fill(y, 0, bytes)
  else for (let i = 0; i < bytes; i += size) copyBlock(y + i, value, size)
}

/** The offset, in blocks, of row `row` over all axes but the last one, or −1. */
@inline function indexedRow(tables: usize, row: i32): i32 {
  const rank = word(tables, 0)
  let at = 1 + rank
  for (let axis = 0; axis < rank - 1; axis++) at += word(tables, 1 + axis)
  let rest = row
  let from = 0
  for (let axis = rank - 2; axis >= 0; axis--) {
    const extent = word(tables, 1 + axis)
    const next = rest / extent
    at -= extent
    const offset = word(tables, at + rest - next * extent)
    if (offset < 0) return -1
    from += offset
    rest = next
  }
  return from
}

/**
 * Copies blocks of `bytes` from x to y by one table per axis, for rows begin ≤ r < end of the last axis.
 *
 * `tables` is [rank ≥ 1, extents …, tables …]. Entry j of an axis' table is the offset, in blocks, that index j
 * adds. It is −1 where y is filled with the element of `size` bytes at `value`.
 */
export function copy_indexed(x: usize, y: usize, tables: usize, bytes: i32, value: usize, size: i32, begin: i32, end: i32): void {
  const rank = word(tables, 0)
  const extent = word(tables, rank)
  let table = 1 + rank
  for (let axis = 0; axis < rank - 1; axis++) table += word(tables, 1 + axis)
  for (let row = begin; row < end; row++) {
    const from = indexedRow(tables, row)
    const to = y + row * extent * bytes
    if (from < 0) fill(to, value, size, extent * bytes)
    else for (let j = 0; j < extent; ) {
      const first = word(tables, table + j)
      const step = first < 0 ? 0 : 1
      let n = 1
      while (j + n < extent && word(tables, table + j + n) == first + n * step) n++
      if (first < 0) fill(to + j * bytes, value, size, n * bytes)
      else copyBlock(to + j * bytes, x + (from + first) * bytes, n * bytes)
      j += n
    }
  }
}

/**
 * y[o][j] = x[o][indices[j]] in blocks of `bytes`, for begin ≤ o·count + j < end. Negative indices count from
 * `extent`. Indices that are still out of range are clamped.
 */
@inline function gather<T>(x: usize, indices: usize, y: usize, extent: i32, count: i32, bytes: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const outer = i / count
    let index = load<T>(indices + (i - outer * count) * sizeof<T>()) as i64
    if (index < 0) index += extent
    if (index < 0) index = 0
    if (index >= (extent as i64)) index = extent - 1
    copyBlock(y + i * bytes, x + (outer * extent + (index as i32)) * bytes, bytes)
  }
}

/** Indices of 32 bits. */
export function gather_i32(x: usize, indices: usize, y: usize, extent: i32, count: i32, bytes: i32, begin: i32, end: i32): void {
  gather<i32>(x, indices, y, extent, count, bytes, begin, end)
}

/** Indices of 64 bits. */
export function gather_i64(x: usize, indices: usize, y: usize, extent: i32, count: i32, bytes: i32, begin: i32, end: i32): void {
  gather<i64>(x, indices, y, extent, count, bytes, begin, end)
}
