/**
 * Rows: a tensor walk split into outer axes, a middle axis and an inner axis, so that kernels need no
 * counters in memory. The descriptor is a packed i32 array
 *
 *     [outer rank, middle extent, inner extent, per operand: middle stride, inner stride,
 *      outer extents …, per operand: outer strides …]
 *
 * with strides in elements; row r is outer index ⌊r / middle⌋ and middle index r mod middle.
 */

/** The i32 at `index` of a descriptor. */
@inline export function word(desc: usize, index: i32): i32 {
  return load<i32>(desc + ((index as usize) << 2))
}

/** Offset in elements of operand `operand` (of `operands`) at outer index `outer`. */
export function outerOffset(desc: usize, operand: i32, operands: i32, outer: i32): i32 {
  const rank = word(desc, 0)
  const extents = 3 + 2 * operands
  const strides = extents + rank * (1 + operand)
  let rest = outer
  let offset = 0
  for (let axis = rank - 1; axis >= 0; axis--) {
    const extent = word(desc, extents + axis)
    const next = rest / extent
    offset += (rest - next * extent) * word(desc, strides + axis)
    rest = next
  }
  return offset
}
