/** A network under construction: names, constants, and the spellings that depend on opset and layout. */

import type { DType, Shape } from '../../../ir/tensors/types.ts'
import type { FuzzAttr, FuzzNode, TensorSpec } from '../case.ts'
import type { Picker } from '../pick.ts'

/** A map of features. The shape is [N, C, H, W], whatever the order in memory. */
export interface Feature {
  readonly name: string
  readonly batch: number
  readonly channels: number
  readonly height: number
  readonly width: number
}

export class Network {
  readonly pick: Picker
  readonly opset: number
  /** Maps are NHWC, as TensorFlow's converter leaves them: a transpose before and after each spatial operator. */
  readonly nhwc: boolean
  readonly inputs: Record<string, TensorSpec> = {}
  readonly constants: Record<string, TensorSpec> = {}
  readonly nodes: FuzzNode[] = []
  #count = 0

  constructor(pick: Picker, opset: number, nhwc: boolean) {
    this.pick = pick
    this.opset = opset
    this.nhwc = nhwc
  }

  /** The first output of a new node. An empty name is an input left out. */
  node(op: string, inputs: readonly string[], attrs: Readonly<Record<string, FuzzAttr>> = {}): string {
    const name = `t${this.#count++}`
    this.nodes.push({ op, in: inputs, out: [name], ...(Object.keys(attrs).length > 0 && { attrs }) })
    return name
  }

  uniform(shape: Shape, low: number, high: number): string {
    return this.#constant({ dtype: 'float32', shape, fill: { seed: this.pick.seed(), low, high } })
  }

  /** Weights with which magnitudes neither grow nor vanish over `terms` products. */
  weights(shape: Shape, terms: number): string {
    const reach = Math.sqrt(3 / terms)
    return this.uniform(shape, -reach, reach)
  }

  scalar(value: number, shape: Shape = []): string {
    return this.#constant({ dtype: 'float32', shape, fill: [value] })
  }

  floats(values: readonly number[]): string {
    return this.#constant({ dtype: 'float32', shape: [values.length], fill: values })
  }

  ints(values: readonly number[], dtype: DType = 'int64'): string {
    return this.#constant({ dtype, shape: [values.length], fill: values })
  }

  int(value: number): string {
    return this.#constant({ dtype: 'int64', shape: [], fill: [value] })
  }

  input(batch: number, channels: number, height: number, width: number): Feature {
    const shape = this.nhwc ? [batch, height, width, channels] : [batch, channels, height, width]
    this.inputs.x = { dtype: 'float32', shape, fill: { seed: this.pick.seed(), low: -2, high: 2 } }
    return { name: 'x', batch, channels, height, width }
  }

  /** A value per channel that broadcasts over a map. */
  perChannel(channels: number, low: number, high: number): string {
    const short = this.nhwc ? [channels] : [channels, 1, 1]
    return this.uniform(this.pick.chance(0.5) ? short : [...new Array<number>(4 - short.length).fill(1), ...short], low, high)
  }

  /** Positions of height and width in memory. */
  get spatialAxes(): readonly [number, number] {
    return this.nhwc ? [1, 2] : [2, 3]
  }

  /** `op` on the map in NCHW order, its result back in the order of maps. */
  spatially(x: Feature, op: (nchw: string) => string): string {
    if (!this.nhwc) return op(x.name)
    const result = op(this.node('Transpose', [x.name], { perm: [0, 3, 1, 2] }))
    return this.node('Transpose', [result], { perm: [0, 2, 3, 1] })
  }

  /** Axes as an attribute before opset `since`, as an input from then on. */
  withAxes(op: string, x: string, axes: readonly number[], since: number, attrs: Readonly<Record<string, FuzzAttr>> = {}): string {
    return this.opset < since ? this.node(op, [x], { axes, ...attrs }) : this.node(op, [x, this.ints(axes)], attrs)
  }

  #constant(spec: TensorSpec): string {
    const name = `c${this.#count++}`
    this.constants[name] = spec
    return name
  }
}
