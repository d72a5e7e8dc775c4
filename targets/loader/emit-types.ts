/** The declarations of a bundle, with the model's names, shapes and dtypes as literal types. */

import type { DType } from '../../ir/tensors/types.ts'
import { literal } from './emit.ts'
import type { BundleTable, PortSpec } from './table.ts'

const ARRAY_TYPES: Record<DType, string> = {
  float32: 'Float32Array',
  float64: 'Float64Array',
  float16: 'Uint16Array',
  int8: 'Int8Array',
  uint8: 'Uint8Array',
  int16: 'Int16Array',
  uint16: 'Uint16Array',
  int32: 'Int32Array',
  uint32: 'Uint32Array',
  int64: 'BigInt64Array',
  uint64: 'BigUint64Array',
  bool: 'Uint8Array',
}

const IMAGE_TYPES = `/** Pixels as \`ImageData\` has them: RGBA, row by row. */
export interface Pixels {
  readonly data: Uint8Array | Uint8ClampedArray
  readonly width: number
  readonly height: number
}

/** Anything that a page has of an image, with sides of up to 16384 pixels. */
export type ImageSource =
  | Pixels
  | Global<'ImageData'>
  | Global<'ImageBitmap'>
  | Global<'HTMLImageElement'>
  | Global<'HTMLCanvasElement'>
  | Global<'OffscreenCanvas'>
  | Global<'HTMLVideoElement'>
  | Global<'VideoFrame'>
  | Global<'Blob'>

export interface ClassifyOptions {
  /** How many classes, best first. Default: 5. */
  readonly topK?: number
}

export interface ClassScore {
  readonly index: number
  /** Where the bundle has labels. */
  readonly label?: string
  /** Probability. */
  readonly score: number
}

`

const CLASSIFY = `  /** Resizes, crops and scales the image as the network wants it, runs, and returns the best classes. */
  classify(image: ImageSource, options?: ClassifyOptions): Promise<ClassScore[]>
`

const SOURCE_TYPES = `type Global<K extends string> = typeof globalThis extends { [P in K]: { prototype: infer T } } ? T : never

/** Bits of binary16; a \`Float16Array\` is accepted where the engine has it. */
export type Float16 = Uint16Array | Global<'Float16Array'>

export type Source = string | ArrayBuffer | ArrayBufferView | Global<'URL'> | Global<'Response'>

export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer T } } } ? T : object

`

const LOAD_OPTIONS = `export interface LoadOptions {
  /** One of this bundle's targets, or several in order of preference. Default: \`auto\`, all of them. */
  readonly target?: TargetName | 'auto' | readonly TargetName[]
  /** A module of this bundle, where it is not found beside the loader. */
  readonly wasm?: Source | WasmModule | Promise<Source | WasmModule>
  /** The bundle's weights, where they are not found beside the loader. */
  readonly weights?: Source | Promise<Source>
  /**
   * \`true\`: verify the SHA-384 of the module and the weights; fails where the engine cannot. By default only lengths are checked,
   * and that the module is one of this bundle.
   */
  readonly integrity?: boolean
  /** Compare one run with the compiler's own results before returning. */
  readonly selfTest?: boolean
}

`

/** The declarations of `index.js`. */
export function emitTypes(table: BundleTable): string {
  return `/** Which module of this bundle. Of several, the loader takes the first that the engine prefers, or else the first that it accepts. */
export type TargetName = ${table.variants.map((v) => literal(v.name)).join(' | ')}

${SOURCE_TYPES}${portTypes(table)}${LOAD_OPTIONS}${table.image ? IMAGE_TYPES : ''}${modelType(table)}/** Fetches, compiles and instantiates the model. */
export declare function load(options?: LoadOptions): Promise<Model>
`
}

function portTypes({ inputs, outputs }: BundleTable): string {
  return `/** What \`run\` takes. */
export interface Inputs {
${inputs.map((p) => `  readonly ${literal(p.name)}: ${given(p)}\n`).join('')}}

/** The inputs as views. */
export interface InputViews {
${members(inputs)}}

/** What \`run\` returns. */
export interface Outputs {
${members(outputs)}}

export type InputPorts = readonly [${ports(inputs)}]

export type OutputPorts = readonly [${ports(outputs)}]

`
}

function modelType({ inputs, image }: BundleTable): string {
  const single = inputs.length === 1 ? ` | ${given(inputs[0] as PortSpec)}` : ''
  const optional = inputs.length === 0 ? '?' : ''
  return `export interface Model {
  readonly target: TargetName
  readonly inputs: InputPorts
  readonly outputs: OutputPorts
  /** Fresh copies in and out. Throws \`TypeError\` or \`RangeError\` where an input is not as declared. */
  run(inputs${optional}: Inputs${single}): Outputs
  /** A view on the module's memory: write the input there. Valid until \`dispose\`. */
  input<K extends keyof InputViews>(name: K): InputViews[K]
  /** Computes the output views from the input views, and leaves these as they are. */
  execute(): void
  /** A view on the module's memory, valid until \`dispose\`; the next \`execute\` writes it anew. */
  output<K extends keyof Outputs>(name: K): Outputs[K]
${image ? CLASSIFY : ''}  /** Runs a few times (default 3), so that the engine has optimised the code before it is needed. */
  warmup(runs?: number): void
  /** Gives the memory back; the model cannot be used afterwards. */
  dispose(): void
}

`
}

/** The declarations of `edge.js`. */
export function emitEdgeTypes(): string {
  return `export * from './index.js'\n`
}

/** The declarations of `worker.js`. */
export function emitWorkerTypes(table: BundleTable): string {
  const single = table.inputs.length === 1 ? ' | Inputs[keyof Inputs]' : ''
  const optional = table.inputs.length === 0 ? '?' : ''
  return `import type { ${table.image ? 'ClassifyOptions, ClassScore, ImageSource, ' : ''}InputPorts, Inputs, InputViews, LoadOptions, OutputPorts, Outputs, TargetName } from './index.js'

export type * from './index.js'

export interface WorkerLoadOptions extends LoadOptions {
  /** A worker made from this file, where the bundler wants it made by its own means. Default: a new one. */
  readonly worker?: object
}

/** A model in a worker. Views cannot be shared with it: what it returns are copies. */
export interface WorkerModel {
  readonly target: TargetName
  readonly inputs: InputPorts
  readonly outputs: OutputPorts
  /** \`transfer\`: move the inputs' buffers instead of copying them; they are then empty here. */
  run(inputs${optional}: Inputs${single}, options?: { readonly transfer?: boolean }): Promise<Outputs>
  /** Sets the input, if \`values\` are given, and returns a copy of it. */
  input<K extends keyof InputViews>(name: K, values?: InputViews[K]): Promise<InputViews[K]>
  execute(): Promise<void>
  output<K extends keyof Outputs>(name: K): Promise<Outputs[K]>
${table.image ? CLASSIFY : ''}  warmup(runs?: number): Promise<void>
  /** Ends the worker. */
  dispose(): Promise<void>
}

/** Starts a module worker and loads the model in it. */
export declare function load(options?: WorkerLoadOptions): Promise<WorkerModel>
`
}

function given({ dtype }: PortSpec): string {
  return dtype === 'float16' ? 'Float16' : ARRAY_TYPES[dtype]
}

function members(list: readonly PortSpec[]): string {
  return list.map((p) => `  readonly ${literal(p.name)}: ${ARRAY_TYPES[p.dtype]}\n`).join('')
}

function ports(list: readonly PortSpec[]): string {
  const one = (p: PortSpec): string =>
    `{ readonly name: ${literal(p.name)}; readonly shape: readonly [${p.shape.join(', ')}]; readonly dtype: ${literal(p.dtype)} }`
  return list.map(one).join(', ')
}
