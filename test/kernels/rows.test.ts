import { describe, expect, it } from 'vitest'
import { collapse, elementRows, rowsOf } from '../../targets/kernels/runtime/rows.ts'

describe('walks', () => {
  it('join axes that every operand passes through evenly', () => {
    expect(collapse([2, 3, 4], [[12, 4, 1]])).toEqual({ shape: [24], strides: [[1]] })
    expect(
      collapse(
        [2, 3, 4],
        [
          [12, 4, 1],
          [0, 0, 1],
        ],
      ),
    ).toEqual({
      shape: [6, 4],
      strides: [
        [4, 1],
        [0, 1],
      ],
    })
  })

  it('have no axes of extent 1', () => {
    expect(collapse([1, 5, 1], [[9, 2, 7]])).toEqual({ shape: [5], strides: [[2]] })
    expect(collapse([1, 1], [[1, 1]])).toEqual({ shape: [], strides: [[]] })
  })

  it('keep negative strides', () => {
    expect(collapse([2, 3], [[-3, -1]])).toEqual({ shape: [6], strides: [[-1]] })
  })

  it('become rows', () => {
    const rows = rowsOf({ shape: [2, 3, 4, 5], strides: [[1, 2, 3, 4]] })
    expect(rows).toEqual({ descriptor: Int32Array.of(2, 4, 5, 3, 4, 2, 3, 1, 2), count: 24, inner: 5 })
    expect(rowsOf({ shape: [], strides: [[]] })).toEqual({ descriptor: Int32Array.of(0, 1, 1, 0, 0), count: 1, inner: 1 })
    expect(elementRows({ shape: [7], strides: [[3]] })).toEqual(Int32Array.of(1, 1, 1, 0, 0, 7, 3))
  })
})
