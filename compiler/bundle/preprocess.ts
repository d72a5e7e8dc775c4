/** Preprocessing of images: what the options ask for, as the manifest states it and as the module computes it. */

import { Diagnostic } from '../../ir/diagnostics.ts'
import type { Graph, Value } from '../../ir/graph/graph.ts'
import { formatType, type TensorType } from '../../ir/tensors/types.ts'
import { FILTERS, type ImageInput, MAX_SIDE } from '../../targets/lowering/image.ts'

type Triple = readonly [number, number, number]

/** Resize, centre crop to the network's input, then tensor = (byte · scale − mean) / std per channel. */
export interface Preprocessing {
  /** The shorter side, whose proportions are kept, or [height, width]. */
  readonly resize: number | readonly [number, number]
  /** As Pillow's: antialiased where it shrinks. */
  readonly filter: keyof typeof FILTERS
  /** [height, width] of the network's input. */
  readonly crop: readonly [number, number]
  /** Where the crop's corner would be at half a pixel: rounded down as in TensorFlow, or to the even neighbour as in torchvision. */
  readonly halves: 'down' | 'even'
  readonly channels: 'RGB' | 'BGR'
  readonly scale: number
  readonly mean: Triple
  readonly std: Triple
}

/** What is left out of a file: `resize` 8/7 of the input's longer side, `filter` bilinear, `halves` even, `channels` RGB, `scale` 1, `mean` 0, `std` 1. */
export type PreprocessingFile = Partial<Omit<Preprocessing, 'crop' | 'mean' | 'std'>> & {
  readonly mean?: number | Triple
  readonly std?: number | Triple
}

export const PRESETS = {
  /** Of torchvision's classification weights. */
  torchvision: { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  /** Values from −1 to 1, as TensorFlow's and Keras's MobileNets take. */
  tensorflow: { halves: 'down', scale: 1 / 127.5, mean: 1 },
  /** Values from 0 to 255. */
  none: {},
} as const satisfies Record<string, PreprocessingFile>

export type Preprocess = keyof typeof PRESETS | PreprocessingFile

/** Part of the image's shorter side that the crop's longer one is by default. */
const CROP_SHARE = 0.875

export interface ResolvedImage {
  readonly stated: Preprocessing
  readonly input: ImageInput
}

/** Throws a `Diagnostic` where the graph does not take an image or takes a larger one, and `TypeError` for a wrong description. */
export function resolvePreprocessing(graph: Graph, preprocess: Preprocess): ResolvedImage {
  const given: PreprocessingFile = typeof preprocess === 'string' ? PRESETS[preprocess] : checkedFile(preprocess)
  const shape = imageShape(graph.inputs.map((v) => v.type))
  if (!shape) throw notAnImage(graph)
  const { width, height, planar } = shape
  const { resize = Math.round(Math.max(width, height) / CROP_SHARE), filter = 'bilinear' } = given
  const { halves = 'even', channels = 'RGB', scale = 1 } = given
  const [mean, std] = [triple(given.mean ?? 0), triple(given.std ?? 1)]
  const stated: Preprocessing = { resize, filter, crop: [height, width], halves, channels, scale, mean, std }
  const smallest = typeof resize === 'number' ? [resize, resize] : resize
  if ((smallest[0] as number) < height || (smallest[1] as number) < width) throw tooSmall(resize, height, width)
  const factor = std.map((s) => scale / s) as unknown as Triple
  const offset = std.map((s, i) => -(mean[i] as number) / s) as unknown as Triple
  return { stated, input: { width, height, planar, filter, channels, factor, offset } }
}

/** The tensor that an image can become, if that is what the inputs are. */
function imageShape(inputs: readonly TensorType[]): Pick<ImageInput, 'width' | 'height' | 'planar'> | null {
  const [type] = inputs
  const [batch, a, b, c] = type?.shape ?? []
  if (inputs.length !== 1 || type?.dtype !== 'float32' || type.shape.length !== 4 || batch !== 1) return null
  if (a === 3) return { width: c as number, height: b as number, planar: true }
  return c === 3 ? { width: b as number, height: a as number, planar: false } : null
}

function notAnImage({ inputs }: Graph): Diagnostic {
  const list = inputs.map((v) => `${JSON.stringify(v.name)} ${formatType(v.type)}`).join(', ')
  return new Diagnostic({
    code: 'invalid-shape',
    message: `preprocessing needs one input f32[1,3,height,width] or f32[1,height,width,3], the model has ${list}`,
    hint: 'compile without --preprocess and pass tensors, or fix the batch with --dim',
  })
}

function tooSmall(resize: Preprocessing['resize'], height: number, width: number): Diagnostic {
  return new Diagnostic({
    code: 'invalid-shape',
    message: `preprocessing: resize ${JSON.stringify(resize)} is smaller than the network's input, ${height}×${width}`,
    hint: 'resize to the size of the input or larger: the middle of it is what the network sees',
  })
}

function triple(value: number | Triple): Triple {
  return typeof value === 'number' ? [value, value, value] : value
}

const isNumber = (x: unknown): boolean => typeof x === 'number' && Number.isFinite(x)
const isTriple = (x: unknown): boolean => isNumber(x) || (Array.isArray(x) && x.length === 3 && x.every(isNumber))
const isSide = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) >= 1 && (x as number) <= MAX_SIDE

const FIELDS: Readonly<Record<keyof PreprocessingFile, readonly [(x: unknown) => boolean, string]>> = {
  resize: [
    (x) => isSide(x) || (Array.isArray(x) && x.length === 2 && x.every(isSide)),
    `a side, or [height, width], from 1 to ${MAX_SIDE}`,
  ],
  filter: [(x) => typeof x === 'string' && Object.hasOwn(FILTERS, x), Object.keys(FILTERS).join(' or ')],
  halves: [(x) => x === 'down' || x === 'even', 'down or even'],
  channels: [(x) => x === 'RGB' || x === 'BGR', 'RGB or BGR'],
  scale: [isNumber, 'a number'],
  mean: [isTriple, 'a number, or three'],
  std: [(x) => isTriple(x) && [x].flat().every((s) => s !== 0), 'a number other than 0, or three'],
}

/** Throws `TypeError`. */
export function checkedFile(file: unknown): PreprocessingFile {
  if (typeof file !== 'object' || file === null || Array.isArray(file))
    throw new TypeError(`preprocessing: expected ${Object.keys(PRESETS).join(', ')} or an object`)
  for (const [name, value] of Object.entries(file)) {
    const field = Object.hasOwn(FIELDS, name) && FIELDS[name as keyof PreprocessingFile]
    if (!field) throw new TypeError(`preprocessing: unknown field ${JSON.stringify(name)}, expected ${Object.keys(FIELDS).join(', ')}`)
    if (!field[0](value)) throw new TypeError(`preprocessing: ${name} must be ${field[1]}, not ${JSON.stringify(value)}`)
  }
  return file as PreprocessingFile
}

/** Whether the graph's first output is that of a softmax, perhaps under another shape. */
export function endsInSoftmax(graph: Graph): boolean {
  let value: Value | undefined = graph.outputs[0]?.value
  while (value?.kind === 'result' && ['reshape', 'transpose'].includes(value.node.op)) value = value.node.inputs[0]
  return value?.kind === 'result' && value.node.op === 'softmax'
}
