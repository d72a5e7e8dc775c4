import { describe, expect, it } from 'vitest'
import { maxRows } from '../../targets/kernels/convolution/tiles/tile-size.ts'
import { FLOAT32_PANELS, type PanelFormat, packFloat32Panels, packPanels, panelsBytes } from '../../targets/packing/pack.ts'

describe('panels', () => {
  it('are the bias and then the rows of eight columns, and of four where no more remain', () => {
    const bias = Float32Array.from({ length: 11 }, (_, column) => 100 + column)
    const weights = Float32Array.from({ length: 22 }, (_, i) => i)
    const packed = new Float32Array(packFloat32Panels(bias, weights).buffer)
    expect([...packed]).toEqual([
      ...[100, 101, 102, 103, 104, 105, 106, 107],
      ...[0, 2, 4, 6, 8, 10, 12, 14],
      ...[1, 3, 5, 7, 9, 11, 13, 15],
      ...[108, 109, 110, 0],
      ...[16, 18, 20, 0],
      ...[17, 19, 21, 0],
    ])
    expect(packed.byteLength).toBe(panelsBytes(FLOAT32_PANELS, 2, 11))
  })

  it('may be of bytes, four k side by side, behind two rows of 32-bit integers', () => {
    const bytes: PanelFormat = { columns: 4, lanes: 4, group: 4, Weights: Int8Array, Header: Int32Array, headerRows: 2 }
    const source = {
      depth: 5,
      columns: 2,
      header: (row: number, column: number) => 1000 * (row + 1) + column,
      weight: (k: number, column: number) => 10 * column + k,
    }
    const packed = packPanels(bytes, source)
    expect([...new Int32Array(packed.buffer, 0, 8)]).toEqual([1000, 1001, 0, 0, 2000, 2001, 0, 0])
    expect([...packed.subarray(32)]).toEqual([
      ...[0, 1, 2, 3, 10, 11, 12, 13, 0, 0, 0, 0, 0, 0, 0, 0],
      ...[4, 0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ])
    expect(packed.byteLength).toBe(panelsBytes(bytes, 5, 2))
  })
})

it('tiles have as many rows as registers hold', () => {
  const rows = (registers: 16 | 32): number[] => [true, false].map((relaxed) => maxRows({ registers, relaxed }))
  expect(rows(16)).toEqual([6, 5])
  expect(rows(32)).toEqual([14, 13])
})
