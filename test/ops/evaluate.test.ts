/** The meaning of every op, by values that are known: the interpreter is the oracle of everything else. */

import { describe, expect, it } from 'vitest'
import { InferError } from '../../ir/diagnostics.ts'
import { inputValue, makeNode } from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { type AttrsOf, OPS, type OpName } from '../../ir/ops/index.ts'
import type { BinaryName, Comparison } from '../../ir/scalar/functions.ts'
import { exactNumbers, fromNumbers, int64, numbers, type Tensor, tensor } from '../../ir/tensors/tensor.ts'
import type { DType, Shape } from '../../ir/tensors/types.ts'

const evaluated = new Set<OpName>()

/** The results of one node on run-time operands. */
function results<K extends OpName>(op: K, operands: readonly Tensor[], attrs: AttrsOf<K>): readonly Tensor[] {
  evaluated.add(op)
  const inputs = operands.map((t, i) => inputValue(`x${i}`, t.type))
  const { outputs } = makeNode(op, inputs, attrs)
  return interpret({ name: 'g', inputs, outputs: outputs.map((value) => ({ name: 'y', value })) }, operands)
}

/** The result of a node that has one. */
function result<K extends OpName>(op: K, operands: readonly Tensor[], attrs: AttrsOf<K>): Tensor {
  const all = results(op, operands, attrs)
  expect(all).toHaveLength(1)
  return all[0] as Tensor
}

function values<K extends OpName>(op: K, operands: readonly Tensor[], attrs: AttrsOf<K>): number[] {
  return Array.from(numbers(result(op, operands, attrs)))
}

function of(dtype: DType, ...list: number[]): Tensor {
  return fromNumbers({ dtype, shape: [list.length] }, list)
}

const float = (...list: number[]): Tensor => of('float32', ...list)
const shaped = (shape: Shape, ...list: number[]): Tensor => fromNumbers({ dtype: 'float32', shape }, list)
const big = (...list: bigint[]): Tensor => tensor('int64', [list.length], BigInt64Array.from(list))

const INF = Number.POSITIVE_INFINITY
const NAN = Number.NaN

describe('functions', () => {
  const x = float(-INF, -2, -0, 0.25, 3, INF, NAN)
  const rounded = (list: readonly number[]): number[] => list.map((v) => (Number.isFinite(v) ? Math.round(v * 1e6) / 1e6 + 0 : v))

  it.each([
    ['clamp', { min: -1, max: 2 }, [-1, -1, 0, 0.25, 2, 2, NAN]],
    // Where the minimum exceeds the maximum the maximum wins.
    ['clamp', { min: 2, max: 1 }, [1, 1, 1, 1, 1, 1, NAN]],
    ['leaky-relu', { alpha: 0.5 }, [-INF, -1, 0, 0.25, 3, INF, NAN]],
    ['hard-sigmoid', { alpha: 0.2, beta: 0.5 }, [0, 0.1, 0.5, 0.55, 1, 1, NAN]],
    ['hard-swish', {}, [NAN, -0.333333, 0, 0.135417, 3, INF, NAN]],
    ['sigmoid', {}, [0, 0.119203, 0.5, 0.562177, 0.952574, 1, NAN]],
    ['tanh', {}, [-1, -0.964028, 0, 0.244919, 0.995055, 1, NAN]],
    ['elu', { alpha: 2 }, [-2, -1.729329, 0, 0.25, 3, INF, NAN]],
    ['exp', {}, [0, 0.135335, 1, 1.284025, 20.085537, INF, NAN]],
    ['log', {}, [NAN, NAN, -INF, -1.386294, 1.098612, INF, NAN]],
    ['sqrt', {}, [NAN, NAN, 0, 0.5, 1.732051, INF, NAN]],
    ['abs', {}, [INF, 2, 0, 0.25, 3, INF, NAN]],
    ['neg', {}, [INF, 2, 0, -0.25, -3, -INF, NAN]],
    ['reciprocal', {}, [0, -0.5, -INF, 4, 0.333333, 0, NAN]],
    ['floor', {}, [-INF, -2, 0, 0, 3, INF, NAN]],
    ['ceil', {}, [-INF, -2, 0, 1, 3, INF, NAN]],
    ['erf', {}, [-1, -0.995322, 0, 0.276326, 0.999978, 1, NAN]],
  ] as const)('%s %j', (op, attrs, want) => {
    expect(rounded(values(op, [x], attrs as never))).toEqual(want)
  })

  it('of integers', () => {
    expect(values('clamp', [of('int8', -128, 5, 127)], { min: -3, max: INF })).toEqual([-3, 5, 127])
    expect(values('abs', [of('int32', -7, 7)], {})).toEqual([7, 7])
    expect(values('neg', [int64([2], [5, -5])], {})).toEqual([-5, 5])
  })

  it('of float16 round to float16', () => {
    expect(values('exp', [of('float16', 1)], {})).toEqual([2.71875])
  })
})

describe('arithmetic', () => {
  const exact: Record<BinaryName, (x: number, y: number) => number> = {
    add: (x, y) => x + y,
    sub: (x, y) => x - y,
    mul: (x, y) => x * y,
    div: (x, y) => x / y,
    min: Math.min,
    max: Math.max,
    pow: (x, y) => x ** y,
    prelu: (x, y) => (x < 0 ? x * y : x),
  }

  it.each(Object.keys(exact) as BinaryName[])('%s', (op) => {
    const [left, right] = [
      [7, 2, -6, 2],
      [-2, -1, 3, 3],
    ] as const
    const want = left.map((x, i) => exact[op](x, right[i] as number))
    const whole = want.map((v) => Math.trunc(v) + 0)
    expect(values(op, [float(...left), float(...right)], {})).toEqual(want.map(Math.fround))
    expect(values(op, [of('int32', ...left), of('int32', ...right)], {})).toEqual(whole)
    expect(values(op, [int64([4], left), int64([4], right)], {})).toEqual(whole)
  })

  it('of 64-bit integers is exact, wraps, and gives 0 where there is no quotient or no power', () => {
    const large = 2n ** 53n + 1n
    const at = (op: 'mul' | 'div' | 'pow' | 'min' | 'max', a: bigint, b: bigint): unknown => result(op, [big(a), big(b)], {}).data[0]
    expect(at('mul', large, 3n)).toBe(large * 3n)
    expect(at('mul', 2n ** 62n, 4n)).toBe(0n)
    expect(at('div', -7n, 2n)).toBe(-3n)
    expect(at('div', 7n, 0n)).toBe(0n)
    expect(at('pow', 3n, 39n)).toBe(3n ** 39n)
    expect(at('pow', 3n, -1n)).toBe(0n)
    expect([at('min', large, large + 1n), at('max', large, large + 1n)]).toEqual([large, large + 1n])
    const unsigned = tensor('uint64', [1], BigUint64Array.of(2n ** 64n - 1n))
    expect(result('add', [unsigned, unsigned], {}).data[0]).toBe(2n ** 64n - 2n)
  })

  it('of 32-bit integers wraps', () => {
    expect(values('mul', [of('int32', 65537), of('int32', 65537)], {})).toEqual([131073])
    expect(values('add', [of('uint8', 200), of('uint8', 100)], {})).toEqual([44])
    expect(values('div', [of('int32', 7), of('int32', 0)], {})).toEqual([0])
  })

  it('broadcasts both operands', () => {
    expect(values('sub', [shaped([2, 1], 10, 20), shaped([3], 1, 2, 3)], {})).toEqual([9, 8, 7, 19, 18, 17])
    expect(values('add', [shaped([]), shaped([0])], {})).toEqual([])
  })
})

describe('comparison and choice', () => {
  it.each<[Comparison, number[]]>([
    ['equal', [0, 1, 0, 0]],
    ['less', [1, 0, 0, 0]],
    ['less-or-equal', [1, 1, 0, 0]],
  ])('%s', (fn, want) => {
    expect(values('compare', [float(1, 2, 3, NAN), float(2, 2, 2, NAN)], { fn })).toEqual(want)
    expect(values('compare', [of('float16', 1, 2, 3, NAN), of('float16', 2, 2, 2, 2)], { fn })).toEqual(want)
    const large = 2n ** 60n
    expect(values('compare', [big(large, large), big(large + 1n, large)], { fn })).toEqual(want.slice(0, 2))
  })

  it('where takes from either operand, of any element type', () => {
    const flags = of('bool', 1, 0)
    expect(values('where', [flags, shaped([2, 1], 1, 2), shaped([], 9)], {})).toEqual([1, 9, 2, 9])
    expect(result('where', [flags, big(1n, 2n), big(3n, 4n)], {}).data).toEqual(BigInt64Array.of(1n, 4n))
  })
})

describe('reductions', () => {
  const x = shaped([2, 3], 1, -2, 3, 4, 5, -6)
  it.each([
    ['mean', [2 / 3, 1]],
    ['sum', [2, 3]],
    ['max', [3, 5]],
    ['min', [-2, -6]],
    ['prod', [-6, -120]],
    ['l1', [6, 15]],
    ['l2', [Math.sqrt(14), Math.sqrt(77)]],
  ] as const)('%s', (fn, want) => {
    expect(values('reduce', [x], { fn, axes: [1], keepDims: false })).toEqual(want.map(Math.fround))
  })

  it('over all axes, over none, of nothing', () => {
    expect(values('reduce', [x], { fn: 'sum', axes: [0, 1], keepDims: true })).toEqual([5])
    expect(values('reduce', [x], { fn: 'l1', axes: [], keepDims: true })).toEqual([1, 2, 3, 4, 5, 6])
    const empty = (fn: 'mean' | 'max' | 'min' | 'prod'): number[] => values('reduce', [shaped([1, 0])], { fn, axes: [1], keepDims: false })
    expect([empty('mean'), empty('max'), empty('min'), empty('prod')]).toEqual([[NAN], [-INF], [INF], [1]])
  })

  it('softmax and its logarithm do not overflow', () => {
    const rows = shaped([2, 2], 1000, 1000, 0, Math.log(3))
    expect(values('softmax', [rows], { axis: 1, log: false })).toEqual([0.5, 0.5, 0.25, 0.75])
    expect(values('softmax', [rows], { axis: 0, log: true })[0]).toBe(0)
  })

  it('arg takes the first of equal elements, or the last', () => {
    const arg = (fn: 'max' | 'min', last: boolean, t = float(1, 7, 7, 1)): number[] =>
      values('arg', [t], { fn, axis: 0, keepDims: true, last })
    expect([arg('max', false), arg('max', true), arg('min', false), arg('min', true)]).toEqual([[1], [2], [0], [3]])
    expect(arg('max', false, float(NAN, 3))).toEqual([0])
    expect(arg('max', false, big(2n ** 60n, 2n ** 60n + 1n))).toEqual([1])
    expect(values('arg', [shaped([2, 2], 1, 2, 3, 0)], { fn: 'max', axis: 0, keepDims: false, last: false })).toEqual([1, 0])
  })

  it('topk orders by value, then by index, NaN last', () => {
    const topk = (attrs: AttrsOf<'topk'>, t: Tensor): (number | bigint)[][] =>
      results('topk', [t], attrs).map((r) => Array.from(exactNumbers(r)))
    const along = (k: number, largest: boolean) => ({ axis: 0, k, largest })
    expect(topk(along(5, true), float(NAN, 1, 3, NAN, 3))).toEqual([
      [3, 3, 1, NAN, NAN],
      [2n, 4n, 1n, 0n, 3n],
    ])
    expect(topk(along(3, false), float(2, 1, 2))).toEqual([
      [1, 2, 2],
      [1n, 0n, 2n],
    ])
    expect(topk(along(1, true), big(2n ** 60n, 2n ** 60n + 1n))).toEqual([[2n ** 60n + 1n], [1n]])
    expect(topk({ axis: 1, k: 2, largest: true }, shaped([2, 3], 1, 2, 3, 6, 5, 4))).toEqual([
      [3, 2, 6, 5],
      [2n, 1n, 0n, 1n],
    ])
  })

  it('nonzero gives positions in row-major order and counts them', () => {
    const nonzero = (t: Tensor): number[][] => results('nonzero', [t], {}).map((r) => Array.from(numbers(r)))
    expect(nonzero(shaped([2, 3], 0, -1, 0, NAN, 0, 4))).toEqual([[0, 1, 1, 0, 0, 0, 1, 0, 2, 0, 0, 0], [3]])
    expect(nonzero(float(0, -0))).toEqual([[0, 0], [0]])
    expect(nonzero(float(1, 2))).toEqual([[0, 1], [2]])
    expect(nonzero(shaped([0]))).toEqual([[], [0]])
    expect(nonzero(shaped([], 5))).toEqual([[], [1]])
    expect(nonzero(big(0n, 2n ** 60n))).toEqual([[1, 0], [1]])
  })
})

describe('windows and products', () => {
  const plain = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] } as const
  const x = shaped([1, 2, 2, 2], 1, 2, 3, 4, 5, 6, 7, 8)

  it('conv with groups, padding, residual and activation', () => {
    const ones = shaped([2, 1, 1, 2], 1, 1, 1, -1)
    expect(values('conv', [x, ones, shaped([2], 0, 10)], { ...plain, group: 1 })).toEqual([3, 9, 7, 9, 11, 9, 15, 9])
    const each = shaped([2, 1, 1, 1], 2, 3)
    expect(values('conv', [x, each, shaped([2], 0, 0)], { ...plain, group: 2 })).toEqual([2, 6, 6, 12, 10, 18, 14, 24])
    const act = { op: 'clamp', min: 0, max: 20 } as const
    expect(values('conv', [x, each, shaped([2], 0, 0), x], { ...plain, group: 2, act })).toEqual([3, 8, 9, 16, 15, 20, 20, 20])
    const box = shaped([1, 2, 2, 2], 1, 0, 1, 0, 1, 0, 1, 0)
    expect(values('conv', [x, box, shaped([1], 0)], { ...plain, pads: [1, 1, 1, 1], strides: [2, 2], group: 1 })).toEqual([1, 3, 5, 7])
    expect(values('conv', [x, box, shaped([1], 0)], { ...plain, pads: [1, 1, 1, 1], dilations: [3, 3], group: 1 })).toEqual([0])
  })

  it('pool: maxima ignore padding, means may count it', () => {
    const pool = { ...plain, kernel: [2, 2], ceil: false, countPads: false } as const
    expect(values('pool', [x], { ...pool, fn: 'max' })).toEqual([7, 8])
    const padded = { ...pool, fn: 'mean', pads: [1, 1, 0, 0], strides: [2, 2] } as const
    expect(values('pool', [x], padded)).toEqual([1, 2])
    expect(values('pool', [x], { ...padded, countPads: true })).toEqual([0.25, 0.5])
    expect(values('pool', [x], { ...padded, fn: 'max' })).toEqual([1, 2])
  })

  it('pool-index: where maxima are, channels first', () => {
    const window = { ...plain, kernel: [2, 2], ceil: false, columnMajor: false } as const
    expect(values('pool-index', [x], window)).toEqual([3, 7])
    expect(values('pool-index', [shaped([1, 2, 2, 1], 5, 7, 7, 1)], window)).toEqual([1])
    expect(values('pool-index', [shaped([1, 2, 2, 1], 5, 7, 7, 1)], { ...window, columnMajor: true })).toEqual([2])
  })

  it('pool-index skips padding, and is 0 where there is nothing else', () => {
    const padded = { ...plain, kernel: [2, 2], pads: [1, 1, 0, 0], strides: [2, 2], ceil: false, columnMajor: false } as const
    expect(values('pool-index', [x], padded)).toEqual([0, 4])
    expect(values('pool-index', [shaped([1, 1, 1, 1], 7)], { ...padded, pads: [2, 2, 0, 0] })).toEqual([0])
    expect(values('pool-index', [shaped([1, 2, 2, 1], 1, 9, 2, 3)], { ...plain, kernel: [2, 2], ceil: false, columnMajor: true })).toEqual([
      2,
    ])
  })

  it('matmul broadcasts its leading axes', () => {
    const a = shaped([2, 1, 2], 1, 2, 3, 4)
    expect(values('matmul', [a, shaped([2, 2], 1, 0, 1, 1)], {})).toEqual([3, 2, 7, 4])
    expect(values('matmul', [a, shaped([2, 2, 1], 1, 1, 0, 1)], {})).toEqual([3, 4])
    expect(values('matmul', [shaped([1, 0]), shaped([0, 1])], {})).toEqual([0])
  })

  it('matmul of integers is exact, and wraps', () => {
    const [row, column] = [
      [1, 2],
      [2, 1],
    ] as const
    const product = (dtype: DType, a: number[], b: number[]): number[] =>
      values('matmul', [fromNumbers({ dtype, shape: row }, a), fromNumbers({ dtype, shape: column }, b)], {})
    expect(product('int32', [65537, 1], [65537, 5])).toEqual([131078])
    expect(product('uint8', [16, 1], [16, 3])).toEqual([3])
    expect(product('uint64', [3, 2], [5, 7])).toEqual([29])
    const large = tensor('int64', row, BigInt64Array.of(2n ** 53n + 1n, 1n))
    expect(result('matmul', [large, int64(column, [3, 0])], {}).data).toEqual(BigInt64Array.of(3n * 2n ** 53n + 3n))
  })
})

describe('movement', () => {
  const x = shaped([2, 3], 1, 2, 3, 4, 5, 6)

  it('reads elsewhere', () => {
    expect(values('transpose', [x], { perm: [1, 0] })).toEqual([1, 4, 2, 5, 3, 6])
    expect(values('reshape', [x], { shape: [3, 2] })).toEqual([1, 2, 3, 4, 5, 6])
    expect(values('slice', [x], { starts: [1, 2], sizes: [2, 2], steps: [-1, -2] })).toEqual([6, 4, 3, 1])
    expect(values('concat', [x, shaped([2, 1], 8, 9)], { axis: 1 })).toEqual([1, 2, 3, 8, 4, 5, 6, 9])
    expect(values('expand', [shaped([2, 1], 1, 2)], { shape: [2, 2] })).toEqual([1, 1, 2, 2])
  })

  it.each([
    ['constant', [9, 9, 1, 2, 3, 9, 9]],
    ['edge', [1, 1, 1, 2, 3, 3, 3]],
    ['reflect', [3, 2, 1, 2, 3, 2, 1]],
  ] as const)('pad %s', (mode, want) => {
    expect(values('pad', [float(1, 2, 3)], { before: [2], after: [2], mode, value: 9 })).toEqual(want)
  })

  it('gather and gather-elements count negative indices from the end', () => {
    expect(values('gather', [x, int64([2], [-1, 0])], { axis: 1 })).toEqual([3, 1, 6, 4])
    expect(values('gather-elements', [x, int64([2, 1], [-1, 0])], { axis: 1 })).toEqual([3, 4])
    const message = 'index out of range for an axis of extent 3'
    for (const index of [3, -4]) {
      expect(() => values('gather', [x, int64([1], [index])], { axis: 1 })).toThrow(new InferError(message))
      expect(() => values('gather-elements', [x, int64([1, 1], [index])], { axis: 1 })).toThrow(new InferError(message))
    }
  })

  it('resize: nearest, linear, cubic, outside a crop, of nothing', () => {
    const how = {
      coordinates: 'half_pixel',
      rounding: 'round_prefer_floor',
      cubicA: -0.75,
      antialias: false,
      excludeOutside: false,
    } as const
    const line = { ...how, sizes: [6], scales: [2], starts: [0], ends: [1], extrapolation: 9 } as const
    const near = (rounding: 'simple' | 'floor', sizes: number[], scales: number[]): number[] =>
      values('resize', [float(1, 2, 3)], { ...line, mode: 'nearest', coordinates: 'asymmetric', rounding, sizes, scales })
    expect(values('resize', [float(1, 2, 3)], { ...line, mode: 'nearest' })).toEqual([1, 1, 2, 2, 3, 3])
    expect([near('simple', [6], [2]), near('simple', [2], [2 / 3]), near('floor', [2], [2 / 3])]).toEqual([
      [1, 1, 2, 2, 3, 3],
      [1, 3],
      [1, 2],
    ])
    expect(values('resize', [float(1, 2, 3)], { ...line, mode: 'linear' })).toEqual([1, 1.25, 1.75, 2.25, 2.75, 3])
    expect(values('resize', [float(1, 2, 3)], { ...line, mode: 'cubic' })[0]).toBeCloseTo(0.8945, 4)
    const one = { ...line, mode: 'linear', sizes: [1], scales: [1 / 3] } as const
    expect(values('resize', [float(1, 2, 3)], { ...one, coordinates: 'align_corners' })).toEqual([1])
    expect(values('resize', [float(1, 2, 3)], { ...one, coordinates: 'pytorch_half_pixel' })).toEqual([1])
    expect(values('resize', [float(1, 2, 3)], { ...one, coordinates: 'tf_crop_and_resize', ends: [2] })).toEqual([3])
    const crop = { ...line, mode: 'linear', sizes: [2], scales: [2 / 3], coordinates: 'tf_crop_and_resize', ends: [2] } as const
    expect(values('resize', [float(1, 2, 3)], crop)).toEqual([1, 9])
    expect(values('resize', [float(1, 2, 3)], { ...crop, starts: [-1], ends: [0.5] })).toEqual([9, 2])
    expect(values('resize', [shaped([0])], { ...line, mode: 'linear', sizes: [0] })).toEqual([])
  })

  it('cast: floats truncate, what is not finite becomes 0, wide integers stay exact', () => {
    const special = float(-1.7, 300.5, NAN, INF)
    expect(values('cast', [special], { to: 'int32' })).toEqual([-1, 300, 0, 0])
    expect(values('cast', [special], { to: 'uint8' })).toEqual([255, 44, 0, 0])
    expect(values('cast', [special], { to: 'int64' })).toEqual([-1, 300, 0, 0])
    expect(values('cast', [special], { to: 'bool' })).toEqual([1, 1, 1, 1])
    expect(values('cast', [float(0, -0)], { to: 'bool' })).toEqual([0, 0])
    expect(values('cast', [special], { to: 'float16' })).toEqual([-1.7001953125, 300.5, NAN, INF])
    expect(result('cast', [big(-1n, 2n ** 60n)], { to: 'uint64' }).data).toEqual(BigUint64Array.of(2n ** 64n - 1n, 2n ** 60n))
    expect(values('cast', [big(2n ** 53n)], { to: 'float64' })).toEqual([2 ** 53])
  })
})

it('no op is left out', () => {
  expect(Object.keys(OPS).filter((name) => !evaluated.has(name as OpName))).toEqual([])
})
