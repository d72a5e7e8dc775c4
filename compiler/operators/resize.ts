/** Resize and Upsample. */

import type { Value } from '../../ir/graph/graph.ts'
import { COORDINATES, type Coordinates, ROUNDINGS, type Rounding } from '../../ir/ops/resampling.ts'
import type { ResizeAttrs } from '../../ir/ops/resize.ts'
import { numbers } from '../../ir/tensors/tensor.ts'
import { isFloat, type Shape, sizeOf } from '../../ir/tensors/types.ts'
import type { NodeImport } from './node-import.ts'
import { type OperatorRules, since } from './operator.ts'

type Method = Pick<ResizeAttrs, 'mode' | 'coordinates' | 'rounding' | 'cubicA' | 'antialias' | 'excludeOutside' | 'extrapolation'>
type Extents = Pick<ResizeAttrs, 'sizes' | 'scales'>
type Crop = Pick<ResizeAttrs, 'starts' | 'ends'>

/** The method of Upsample and of Resize at opset 10, which have no attributes for it. */
const PLAIN: Omit<Method, 'mode'> = {
  coordinates: 'asymmetric',
  rounding: 'simple',
  cubicA: -0.75,
  antialias: false,
  excludeOutside: false,
  extrapolation: 0,
}

function build(node: NodeImport, x: Value, method: Method, extents: Extents, crop: Crop): Value {
  node.checkExtents('sizes', extents.sizes)
  if (sizeOf(x.type.shape) === 0 && sizeOf(extents.sizes) > 0) throw node.invalid(`cannot resize [${x.type.shape}] to [${extents.sizes}]`)
  // Scales that change no extent move nothing either, as in onnxruntime.
  if (extents.sizes.every((d, i) => d === x.type.shape[i])) return x
  if (method.coordinates === 'tf_crop_and_resize') return interpolate(node, x, { ...method, ...extents, ...crop })
  return repeatSingles(node, x, { ...method, ...extents, ...crop })
}

/** Expands the axes of extent 1. Whatever the coordinates are, such an axis has only one element to read. */
function repeatSingles(node: NodeImport, x: Value, attrs: ResizeAttrs): Value {
  const single = x.type.shape.map((d) => d === 1)
  const keep = <T>(list: readonly T[], one: T): T[] => list.map((v, i) => (single[i] ? one : v))
  const rest = { ...attrs, sizes: keep(attrs.sizes, 1), scales: keep(attrs.scales, 1) }
  const changes = rest.sizes.some((d, i) => d !== x.type.shape[i] || (rest.scales[i] !== 1 && !single[i]))
  const y = changes ? interpolate(node, x, rest) : x
  return attrs.sizes.every((d, i) => d === rest.sizes[i]) ? y : node.make('expand', [y], { shape: attrs.sizes })
}

/** The number of entries of the tables of taps, summed over all axes that may need one. */
function tableEntries({ sizes, scales, mode, antialias }: ResizeAttrs): number {
  const reach = mode === 'nearest' ? 0.5 : mode === 'linear' ? 1 : 2
  return sizes.reduce((sum, d, axis) => {
    const scale = scales[axis] as number
    const taps = (2 * reach) / (antialias ? Math.min(1, scale) : 1)
    return sum + (scale === 1 && mode !== 'nearest' ? 0 : Math.ceil(d * taps))
  }, 0)
}

/** Integers are interpolated in float32 and truncated, as onnxruntime does. */
function interpolate(node: NodeImport, x: Value, attrs: ResizeAttrs): Value {
  const { dtype } = x.type
  node.spendOnTables(tableEntries(attrs))
  if (attrs.mode === 'nearest' || isFloat(dtype)) return node.make('resize', [x], attrs)
  if (attrs.antialias || dtype === 'bool')
    throw node.unsupported(`${attrs.mode} interpolation of element type ${dtype}`, 'cast to float32 before it')
  const wide = node.make('resize', [node.make('cast', [x], { to: 'float32' })], attrs)
  return node.make('cast', [wide], { to: dtype })
}

function whole(shape: Shape): Crop {
  return { starts: shape.map(() => 0), ends: shape.map(() => 1) }
}

/** The extents floor(extent · scale). The product is computed in float32. */
function scaledExtents(node: NodeImport, shape: Shape, scales: readonly number[]): Extents {
  if (scales.length !== shape.length) throw node.invalid(`scales [${scales}] must be one for each axis of [${shape}]`)
  if (scales.some((s) => !(s > 0 && s < Number.POSITIVE_INFINITY))) throw node.invalid(`scales [${scales}] must be positive`)
  return { scales, sizes: shape.map((d, i) => Math.floor(Math.fround(d * (scales[i] as number)))) }
}

function modeOf(node: NodeImport, names: readonly string[]): ResizeAttrs['mode'] {
  const mode = node.attrs.string('mode', 'nearest')
  if (!names.includes(mode)) throw node.invalid(`mode = ${JSON.stringify(mode)} must be one of ${names.join(', ')}`)
  return mode as ResizeAttrs['mode']
}

/** Resizes by scales alone, which is all that Upsample has. */
function upsample(node: NodeImport, scales: readonly number[]): Value {
  const x = node.input(0)
  return build(
    node,
    x,
    { ...PLAIN, mode: modeOf(node, ['nearest', 'linear']) },
    scaledExtents(node, x.type.shape, scales),
    whole(x.type.shape),
  )
}

function upsample7(node: NodeImport): Value {
  const scales = node.attrs.floats('scales')
  if (!scales) throw node.invalid('required attribute scales is missing')
  return upsample(node, scales)
}

function upsampleInput(node: NodeImport): Value {
  return upsample(node, Array.from(numbers(node.known(node.input(1), 'scales'))))
}

function oneOf<T extends string>(node: NodeImport, name: string, absent: T, known: readonly T[]): T {
  const given = node.attrs.string(name, absent)
  if (!known.includes(given as T)) throw node.unsupported(`${name} = ${JSON.stringify(given)}`, `known are ${known.join(', ')}`)
  return given as T
}

/** The coordinates. tf_half_pixel_for_nn exists up to opset 12, and half_pixel_symmetric from opset 19 on. */
function coordinatesOf(node: NodeImport): Coordinates {
  const known = COORDINATES.filter(
    (c) => (c !== 'tf_half_pixel_for_nn' || node.opset < 13) && (c !== 'half_pixel_symmetric' || node.opset >= 19),
  )
  return oneOf(node, 'coordinate_transformation_mode', 'half_pixel', known)
}

function methodOf(node: NodeImport): Method {
  const mode = modeOf(node, ['nearest', 'linear', 'cubic'])
  const coordinates = coordinatesOf(node)
  const nearest = mode === 'nearest'
  if (!nearest) node.attrs.inert('nearest_mode')
  const rounding = nearest ? oneOf<Rounding>(node, 'nearest_mode', 'round_prefer_floor', ROUNDINGS.slice(0, 4)) : 'round_prefer_floor'
  return {
    mode,
    coordinates,
    rounding,
    cubicA: node.attrs.float('cubic_coeff_a', -0.75),
    antialias: node.opset >= 18 && node.attrs.flag('antialias', false) && !nearest,
    excludeOutside: node.attrs.flag('exclude_outside', false) && !nearest,
    extrapolation: node.attrs.float('extrapolation_value', 0),
  }
}

/** The input at `index`, or null where it is absent or empty. */
function given(node: NodeImport, index: number): Value | null {
  const value = node.optional(index)
  return value && sizeOf(value.type.shape) > 0 ? value : null
}

/** The extents that the sizes or scales of `axes` give. Exactly one of the two inputs must be given. */
function extentsOf(node: NodeImport, shape: Shape, axes: readonly number[]): Extents {
  const [scales, sizes] = [given(node, 2), given(node, 3)]
  if (scales && sizes) throw node.invalid('both scales and sizes are given')
  if (sizes) return sizedExtents(node, shape, axes, node.knownInts(sizes, 'sizes'))
  if (!scales) throw node.invalid('neither scales nor sizes are given')
  return scaledExtents(
    node,
    shape,
    onAxes(
      node,
      'scales',
      shape.map(() => 1),
      axes,
      Array.from(numbers(node.known(scales, 'scales'))),
    ),
  )
}

/** `base` with the values of `axes` put in. */
function onAxes(node: NodeImport, what: string, base: readonly number[], axes: readonly number[], values: readonly number[]): number[] {
  if (values.length !== axes.length) throw node.invalid(`${what} [${values}] for axes [${axes}] differ in number`)
  return base.map((v, axis) => (axes.includes(axis) ? (values[axes.indexOf(axis)] as number) : v))
}

function sizedExtents(node: NodeImport, shape: Shape, axes: readonly number[], asked: readonly number[]): Extents {
  if (asked.some((d) => d < 0)) throw node.invalid(`sizes [${asked}] are negative`)
  const policy = node.opset >= 18 ? oneOf(node, 'keep_aspect_ratio_policy', 'stretch', ['stretch', 'not_larger', 'not_smaller']) : 'stretch'
  const sizes = onAxes(node, 'sizes', shape, axes, asked)
  const ratios = shape.map((d, i) => (d === 0 ? 1 : Math.fround((sizes[i] as number) / d)))
  if (policy === 'stretch') return { sizes, scales: ratios.map((s) => s || 1) }
  const chosen = axes.map((axis) => ratios[axis] as number)
  const scale = policy === 'not_larger' ? Math.min(...chosen) : Math.max(...chosen)
  return {
    sizes: shape.map((d, axis) => (axes.includes(axis) ? Math.floor(Math.fround(scale * d) + 0.5) : d)),
    scales: shape.map((_, axis) => (axes.includes(axis) ? scale : 1)),
  }
}

/** The crop. Only tf_crop_and_resize reads the input `roi`. */
function cropOf(node: NodeImport, shape: Shape, axes: readonly number[], coordinates: Coordinates): Crop {
  const all = whole(shape)
  if (coordinates !== 'tf_crop_and_resize') return all
  const roi = Array.from(numbers(node.known(node.input(1), 'roi')))
  return {
    starts: onAxes(node, 'roi starts', all.starts, axes, roi.slice(0, axes.length)),
    ends: onAxes(node, 'roi ends', all.ends, axes, roi.slice(axes.length)),
  }
}

function resize(node: NodeImport): Value {
  const x = node.input(0)
  const { shape } = x.type
  const named = node.opset >= 18 ? node.attrs.ints('axes') : null
  const axes = named ? named.map((a) => node.axis(a, shape.length, 'axes:')) : shape.map((_, i) => i)
  if (new Set(axes).size !== axes.length) throw node.invalid(`axes [${named}] name an axis twice`)
  const method = methodOf(node)
  const extents = extentsOf(node, shape, axes)
  if (node.opset >= 18) node.attrs.inert('keep_aspect_ratio_policy')
  return build(node, x, method, extents, cropOf(node, shape, axes, method.coordinates))
}

export const resizeRules: OperatorRules = {
  Upsample: [since(7, 1, upsample7), since(9, 2, upsampleInput)],
  Resize: [since(10, 2, upsampleInput), since(11, [1, 4], resize)],
}
