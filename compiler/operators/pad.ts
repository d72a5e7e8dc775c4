/** Pad. */

import type { Value } from '../../ir/graph/graph.ts'
import { numbers } from '../../ir/tensors/tensor.ts'
import { sizeOf } from '../../ir/tensors/types.ts'
import type { NodeImport } from './node-import.ts'
import { type OperatorRules, since } from './operator.ts'

interface Padding {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

const MODES = 'one of constant, edge, reflect'

/** Negative pads remove elements first; the rest is added according to `mode`. */
function pad(node: NodeImport, { before, after }: Padding, value: number): Value {
  const mode = node.attrs.string('mode', 'constant')
  const x = crop(node, node.input(0), before, after)
  const grown = { before: before.map((p) => Math.max(0, p)), after: after.map((p) => Math.max(0, p)) }
  if (![...grown.before, ...grown.after].some((p) => p > 0)) return x
  if (mode === 'wrap' && node.opset >= 19) return wrap(node, x, grown)
  if (mode !== 'constant' && mode !== 'edge' && mode !== 'reflect')
    throw node.invalid(`mode = ${JSON.stringify(mode)} must be ${node.opset < 19 ? MODES : `${MODES}, wrap`}`)
  return node.make('pad', [x], { ...grown, mode, value: mode === 'constant' ? value : 0 })
}

function crop(node: NodeImport, x: Value, before: readonly number[], after: readonly number[]): Value {
  if ([...before, ...after].every((p) => p >= 0)) return x
  const starts = before.map((p) => Math.max(0, -p))
  const sizes = x.type.shape.map((d, i) => d - (starts[i] as number) - Math.max(0, -(after[i] as number)))
  if (sizes.some((d) => d < 0)) throw node.invalid(`negative pads [${before}], [${after}] remove more than [${x.type.shape}]`)
  return node.make('slice', [x], { starts, sizes, steps: sizes.map(() => 1) })
}

/** The tensor continued periodically, axis by axis. */
function wrap(node: NodeImport, x: Value, { before, after }: Padding): Value {
  return x.type.shape.reduce<Value>((y, extent, axis) => {
    const [lead, tail] = [before[axis] as number, after[axis] as number]
    if (lead > extent || tail > extent)
      throw node.unsupported(`wrapping pads of ${Math.max(lead, tail)} on an extent of ${extent}`, 'pad by less')
    const part = (start: number, size: number): Value =>
      node.make('slice', [y], {
        starts: y.type.shape.map((_, i) => (i === axis ? start : 0)),
        sizes: y.type.shape.with(axis, size),
        steps: y.type.shape.map(() => 1),
      })
    const parts = [...(lead > 0 ? [part(extent - lead, lead)] : []), y, ...(tail > 0 ? [part(0, tail)] : [])]
    return parts.length === 1 ? y : node.make('concat', parts, { axis })
  }, x)
}

/** Begins of all axes, then ends. */
function padding(node: NodeImport, pads: readonly number[], axes: readonly number[] | null): Padding {
  const rank = node.input(0).type.shape.length
  const padded = (axes ?? Array.from({ length: rank }, (_, i) => i)).map((a) => node.axis(a, rank, 'axes:'))
  node.checkExtents('pads', pads)
  if (pads.length !== 2 * padded.length) throw node.invalid(`pads [${pads}] must have ${2 * padded.length} elements`)
  if (new Set(padded).size !== padded.length) throw node.invalid(`axes [${padded}] name an axis twice`)
  const before = new Array<number>(rank).fill(0)
  const after = new Array<number>(rank).fill(0)
  padded.forEach((axis, i) => {
    before[axis] = pads[i] as number
    after[axis] = pads[i + padded.length] as number
  })
  return { before, after }
}

function padAttributes(node: NodeImport): Value {
  const pads = node.attrs.ints('pads')
  if (!pads) throw node.invalid('required attribute pads is missing')
  return pad(node, padding(node, pads, null), node.attrs.float('value', 0))
}

/** pads, constant_value and (from opset 18 on) axes are inputs. */
function padInputs(node: NodeImport): Value {
  const axes = node.optional(3)
  const pads = padding(node, node.knownInts(node.input(1), 'pads'), axes && node.knownInts(axes, 'axes'))
  const fill = node.optional(2)
  if (fill && sizeOf(fill.type.shape) !== 1) throw node.invalid(`constant_value must be a scalar, has shape [${fill.type.shape}]`)
  return pad(node, pads, fill ? (numbers(node.known(fill, 'constant_value'))[0] as number) : 0)
}

export const padRules: OperatorRules = {
  Pad: [since(2, 1, padAttributes), since(11, [2, 3], padInputs), since(18, [2, 4], padInputs)],
}
