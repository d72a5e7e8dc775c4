import { expect, it } from 'vitest'
import { callRuntime, f32 } from '../../targets/kernels/runtime/runtime-call.ts'
import type { Address } from '../../targets/schedule/schedule.ts'
import type { Lowering } from '../../targets/selection/kernel.ts'

const x: Address = { kind: 'buffer', buffer: 0, offset: 0 }
const y: Address = { kind: 'buffer', buffer: 1, offset: 16 }
const panels: Address = { kind: 'blob', key: 'p', offset: 0 }
const extent = 8

function recorder(): { l: Pick<Lowering, 'step'>; steps: unknown[][] } {
  const steps: unknown[][] = []
  return { l: { step: (...step) => steps.push(step) }, steps }
}

it('calls with operands in the order of the row, whatever the order they are named in', () => {
  const { l, steps } = recorder()
  callRuntime(l, 'copy_rows', { toStride: 3, fromStride: 2, bytes: 1, y, x }, { extent })
  const convolution = { window: panels, panels, x, y, residual: null }
  callRuntime(l, 'conv_f32', convolution, { extent, macs: 9 })
  callRuntime(l, 'reduce_sum_f32', { scale: f32(6), inner: 2, reduced: 1, y, x }, { extent })
  expect(steps).toEqual([
    [{ kind: 'runtime', key: 'copy_rows' }, [x, y, 1, 2, 3], { extent }],
    [{ kind: 'runtime', key: 'conv_f32' }, [x, panels, 0, y, panels], { extent, macs: 9 }],
    [{ kind: 'runtime', key: 'reduce_sum_f32' }, [x, y, 1, 2, f32(6)], { extent }],
  ])
})

/** Never called: what matters is that it compiles as it stands, with an error where one is expected. */
export function callsThatDoNotCompile(l: Pick<Lowering, 'step'>, either: 'copy' | 'copy_strided_8'): void {
  const row = { x, y, bytes: 1, fromStride: 2, toStride: 3 }
  callRuntime(l, 'copy_rows', row, { extent })
  // @ts-expect-error a name that no kernel has
  callRuntime(l, 'copy_row', row, { extent })
  // @ts-expect-error an operand is missing
  callRuntime(l, 'copy_rows', { x, y, bytes: 1, fromStride: 2 }, { extent })
  // @ts-expect-error an operand too many
  callRuntime(l, 'copy_rows', { x, y, bytes: 1, fromStride: 2, toStride: 3, rows: 4 }, { extent })
  // @ts-expect-error an operand of another name
  callRuntime(l, 'copy_rows', { x, to: y, bytes: 1, fromStride: 2, toStride: 3 }, { extent })
  // @ts-expect-error a number where an address is due
  callRuntime(l, 'copy_rows', { ...row, y: 1 }, { extent })
  // @ts-expect-error an address where a number is due
  callRuntime(l, 'copy_rows', { ...row, bytes: x }, { extent })
  // @ts-expect-error a float where an integer is due
  callRuntime(l, 'copy_rows', { ...row, bytes: f32(1) }, { extent })
  // @ts-expect-error an integer where a float is due
  callRuntime(l, 'reduce_sum_f32', { x, y, reduced: 1, inner: 1, scale: 1 }, { extent })
  // @ts-expect-error no address where one is due
  callRuntime(l, 'copy_rows', { ...row, y: null }, { extent })
  // @ts-expect-error the range is missing
  callRuntime(l, 'copy_rows', row)
  // @ts-expect-error the range is missing
  callRuntime(l, 'copy_rows', row, { macs: 1 })
  // @ts-expect-error a kernel that cannot be split into parts
  callRuntime(l, 'widen_f16', { x, y, count: 4 }, { extent })
  // @ts-expect-error one of two kernels needs an operand more
  callRuntime(l, either, { x, y }, { extent })
  callRuntime(l, either, { x, y, rows: panels }, { extent })
}
