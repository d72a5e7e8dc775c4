import { expect, it } from 'vitest'
import { printSchedule } from '../../targets/schedule/print-schedule.ts'
import type { PlannedSchedule } from '../../targets/schedule/schedule.ts'

it('a schedule is a line for each step', () => {
  const type = { dtype: 'float32', shape: [4] } as const
  const buffer = (id: number) => ({ id, bytes: 16, first: 0, last: 1, name: '' })
  const schedule: PlannedSchedule = {
    parts: 2,
    steps: [
      {
        fn: 'conv_1',
        operands: [
          { kind: 'buffer', buffer: 0, offset: 4 },
          { kind: 'blob', key: 'b', offset: 0 },
          { kind: 'blob', key: 'a', offset: 8 },
        ],
        extent: 7,
        macs: 1.5e6,
        traffic: 32,
        origins: ['Conv\u001b', 'Relu'],
      },
      {
        fn: 'clamp',
        operands: [
          { kind: 'i32', value: 4 },
          { kind: 'f32', value: 0.5 },
          { kind: 'scratch', buffer: 1, bytes: 8 },
        ],
        extent: 3,
        macs: 0,
        traffic: 32,
        origins: [],
      },
    ],
    buffers: [buffer(0), buffer(1)],
    blobs: [
      { key: 'a', bytes: new Uint8Array(12), role: 'weights' },
      { key: 'b', bytes: new Uint8Array(4), role: 'exact' },
    ],
    inputs: [{ name: 'x', type, buffer: 0 }],
    outputs: [{ name: 'y', type, buffer: 1 }],
    offsets: [16, 32],
    arenaBytes: 48,
  }
  expect(printSchedule(schedule)).toBe(`schedule: 2 steps, arena 48 bytes, in x@16, out y@32
conv_1(@20, #1:4, #0:12+8) [0,7) 1.50 MMAC  // Conv\\u{1b} + Relu
clamp(4, 0.5, @32+part·8) [0,3)  // 
`)
})
