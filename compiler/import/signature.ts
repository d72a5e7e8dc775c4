/**
 * The types of graph inputs and outputs. Symbolic dimensions are resolved, and declared types are compared with
 * computed ones.
 */

import { Diagnostic } from '../../ir/diagnostics.ts'
import { type DType, formatType, type TensorType } from '../../ir/tensors/types.ts'
import type { Limits } from '../limits/limits.ts'
import { dataTypeName, dtypeOf } from '../onnx/dtype.ts'
import { int64Number, type TensorTypeProto, type ValueInfoProto } from '../onnx/proto.ts'
import { checkExtents } from '../onnx/tensor.ts'

export interface InputShape {
  /** May be left out with a single input. */
  readonly name?: string
  readonly shape: readonly number[]
}

export interface ShapeOptions {
  /** Extents of symbolic dimensions, by their names. */
  readonly dims?: Readonly<Record<string, number>>
  /** Whole shapes of inputs. They replace the declared shapes. */
  readonly inputShapes?: readonly InputShape[]
}

/** A declared extent: known, symbolic (by name), or unknown. */
type Extent = number | string | null

interface Declared {
  readonly dtype: DType
  readonly shape: readonly Extent[] | null
}

/** Types of the real inputs, in order. Throws `Diagnostic` listing every dimension that stays unknown. */
export function resolveInputs(inputs: readonly ValueInfoProto[], options: ShapeOptions, limits: Limits): TensorType[] {
  const declared = inputs.map((info) => declaredType(info, 'input', limits))
  const given = givenShapes(inputs, options.inputShapes ?? [])
  const symbols = new Map<string, number>()
  for (const [name, extent] of Object.entries(options.dims ?? {})) bindSymbol(symbols, name, extent)
  declared.forEach((type, i) => {
    const shape = given[i]
    if (shape) bindShape(symbols, type, shape, (inputs[i] as ValueInfoProto).name)
  })
  const shapes = declared.map((type, i) => given[i] ?? type.shape?.map((d) => (typeof d === 'string' ? (symbols.get(d) ?? d) : d)) ?? null)
  const declaredNames = new Set(declared.flatMap((type) => type.shape ?? []))
  requireKnown(
    inputs,
    shapes,
    Object.keys(options.dims ?? {}).filter((name) => !declaredNames.has(name)),
  )
  return declared.map(({ dtype }, i) => {
    const shape = shapes[i] as readonly number[]
    checkExtents(shape, limits, label('input', (inputs[i] as ValueInfoProto).name))
    return { dtype, shape }
  })
}

/** Throws `Diagnostic` where an output is declared with another type than the graph computes. */
export function checkOutput(info: ValueInfoProto, computed: TensorType, limits: Limits, compareExtents: boolean): void {
  if (!info.type?.tensorType?.elemType && !info.type?.tensorType?.shape) return
  const { dtype, shape } = declaredType(info, 'output', limits)
  const fits =
    dtype === computed.dtype &&
    (shape === null ||
      !compareExtents ||
      (shape.length === computed.shape.length && shape.every((d, i) => typeof d !== 'number' || d === computed.shape[i])))
  if (fits) return
  const shown = `${dtype}${shape ? ` [${shape.map((d) => d ?? '?')}]` : ''}`
  throw new Diagnostic({
    code: 'type-mismatch',
    message: `${label('output', info.name)} is declared with type and shape ${shown}, but the graph computes ${formatType(computed)}`,
  })
}

function declaredType(info: ValueInfoProto, kind: string, limits: Limits): Declared {
  const tensor = info.type?.tensorType
  if (!tensor) throw invalidInput(`${label(kind, info.name)} has ${foreignKind(info)}; only tensors are supported`)
  const dtype = dtypeOf(tensor.elemType)
  if (!dtype) throw invalidInput(`${label(kind, info.name)} has element type ${dataTypeName(tensor.elemType)}, which is not supported`)
  return { dtype, shape: declaredShape(tensor, kind, info.name, limits) }
}

function declaredShape(tensor: TensorTypeProto, kind: string, name: string, limits: Limits): Extent[] | null {
  if (!tensor.shape) return null
  const { dim } = tensor.shape
  if (dim.length > limits.rank)
    throw invalidInput(`${label(kind, name)} has a shape of rank ${dim.length}; at most ${limits.rank} dimensions are supported`)
  return dim.map((d) => {
    if (Object.hasOwn(d, 'dimValue')) return int64Number(d.dimValue) < 0 ? null : int64Number(d.dimValue)
    return d.dimParam === '' ? null : d.dimParam
  })
}

function foreignKind(info: ValueInfoProto): string {
  const { type } = info
  if (!type) return 'no type'
  const kinds = ['sequenceType', 'mapType', 'sparseTensorType', 'optionalType'] as const
  const kind = kinds.find((k) => Object.hasOwn(type, k))
  return kind ? `the type ${kind.replace('Type', '')}` : 'no type'
}

function givenShapes(inputs: readonly ValueInfoProto[], shapes: readonly InputShape[]): (readonly number[] | undefined)[] {
  const known = inputs.map((info) => info.name)
  const given = new Map<string, readonly number[]>()
  for (const { name, shape } of shapes) {
    if (name === undefined && known.length !== 1)
      throw invalidShape(`an input shape without a name needs a model with one input; it has ${list(known)}`)
    const target = name ?? (known[0] as string)
    if (!known.includes(target)) throw invalidShape(`there is no input ${JSON.stringify(target)}; the model has ${list(known)}`)
    if (given.has(target)) throw invalidShape(`two shapes for ${label('input', target)}`)
    if (shape.some((d) => !Number.isInteger(d) || d < 0)) throw invalidShape(`extents of [${shape}] must be integers and not negative`)
    given.set(target, shape)
  }
  return known.map((name) => given.get(name))
}

function bindSymbol(symbols: Map<string, number>, name: string, extent: number): void {
  if (!Number.isInteger(extent) || extent < 1) throw invalidShape(`dimension ${name} = ${extent} must be an integer of at least 1`)
  const known = symbols.get(name)
  if (known !== undefined && known !== extent) throw invalidShape(`dimension ${name} is both ${known} and ${extent}`)
  symbols.set(name, extent)
}

function bindShape(symbols: Map<string, number>, type: Declared, shape: readonly number[], name: string): void {
  if (!type.shape) return
  if (type.shape.length !== shape.length) {
    throw invalidShape(`shape [${shape}] for ${label('input', name)}, which has ${type.shape.length} dimensions`)
  }
  type.shape.forEach((d, i) => {
    if (typeof d === 'string') bindSymbol(symbols, d, shape[i] as number)
  })
}

/** `strangers` are names of dimensions that the user gave and that no input has. */
function requireKnown(
  inputs: readonly ValueInfoProto[],
  shapes: readonly (readonly Extent[] | null)[],
  strangers: readonly string[],
): void {
  const open = shapes.flatMap((shape, i) => (shape === null || shape.some((d) => typeof d !== 'number') ? [i] : []))
  if (open.length === 0) return
  const shown = open.map(
    (i) => `${label('input', (inputs[i] as ValueInfoProto).name)} [${shapes[i]?.map((d) => d ?? '?') ?? 'unknown rank'}]`,
  )
  const names = [...new Set(open.flatMap((i) => (shapes[i] ?? []).filter((d) => typeof d === 'string')))]
  const nameless = open.some((i) => shapes[i] === null || shapes[i]?.includes(null))
  const hints = [
    ...(strangers.length > 0 ? [`no dimension is called ${list(strangers)}`] : []),
    ...(names.length > 0 ? [`give every symbolic dimension an extent, such as ${names.map((n) => `--dim ${n}=1`).join(' ')}`] : []),
    ...(nameless ? ['give the whole shape, such as --input-shape 1x3x224x224'] : []),
  ]
  throw new Diagnostic({
    code: 'unknown-dimension',
    message: `shapes with symbolic (dynamic) or unknown dimensions: ${shown.join(', ')}`,
    hint: hints.join('; or '),
  })
}

function label(kind: string, name: string): string {
  return `${kind} ${JSON.stringify(name)}`
}

function list(names: readonly string[]): string {
  return names.map((n) => JSON.stringify(n)).join(', ') || 'none'
}

function invalidInput(message: string): Diagnostic {
  return new Diagnostic({ code: 'unsupported-type', message })
}

function invalidShape(message: string): Diagnostic {
  return new Diagnostic({ code: 'invalid-shape', message })
}
