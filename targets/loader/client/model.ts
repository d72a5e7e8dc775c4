/** A loaded model. Callers copy checked values in and out, or use views on the module's memory. */

import type { DType } from '../../../ir/tensors/types.ts'
import { fillGolden } from '../golden.ts'
import type { ImageSpec, PortSpec, VariantSpec, WeightLayout } from '../table.ts'
import type { Bytes, Chunks } from './assets.ts'
import type { Classify, ImageExports } from './image.ts'

export type Elements = Float32Array | BigInt64Array

export type Elementwise = Readonly<Record<string, Elements>>

export interface Model {
  readonly target: string
  readonly inputs: readonly PortSpec[]
  readonly outputs: readonly PortSpec[]
  run(inputs?: Elementwise | Elements): Record<string, Elements>
  input(name: string): Elements
  execute(): void
  output(name: string): Elements
  classify?: Classify
  warmup(runs?: number): void
  dispose(): void
}

interface Exports extends ImageExports {
  /** Where weights are stored as float16: makes them float32, in place. */
  widen?(): void
}

type Views = ReadonlyMap<string, Elements>

interface State {
  readonly classify?: Classify | undefined
  execute(): void
  readonly inputs: Views
  readonly outputs: Views
}

/** Loads the weights into memory as they arrive. Memory does not grow or move afterwards, so the views stay valid. */
export async function makeModel(spec: VariantSpec, instance: WebAssembly.Instance, weights: Chunks): Promise<Model> {
  const exports = instance.exports as unknown as Exports
  const { buffer } = exports.memory
  if (buffer.byteLength !== spec.memory)
    throw new Error(`${spec.file.name} has ${buffer.byteLength} bytes of memory, expected ${spec.memory}`)
  const memory = new Uint8Array(buffer)
  let seen = 0
  for await (const chunk of weights) {
    place(chunk, seen, BUNDLE.layouts[spec.layout] as WeightLayout, memory)
    seen += chunk.length
  }
  exports.widen?.()
  const outputs = viewsOf(buffer, BUNDLE.outputs, spec.outputs)
  return modelOf(spec.name, {
    execute: exports.run,
    inputs: viewsOf(buffer, BUNDLE.inputs, spec.inputs),
    outputs,
    classify: CLASSIFIER?.(BUNDLE.image as ImageSpec, spec.strip as number, exports, outputs),
  })
}

/** Writes a part of the weights, which begins at `start`, to the places that the layout gives. */
function place(chunk: Bytes, start: number, layout: WeightLayout, memory: Uint8Array): void {
  let [offset, address] = [-start, 0]
  for (let i = 0; i < layout.length; i += 3) {
    const [skipped, bytes, gap] = layout.slice(i, i + 3) as [number, number, number]
    offset += skipped + bytes
    address += gap + bytes
    const from = Math.max(0, offset - bytes)
    const part = chunk.subarray(from, Math.max(from, offset))
    if (part.length > 0) memory.set(part, address - offset + from)
  }
}

function viewsOf(memory: ArrayBuffer, ports: readonly PortSpec[], addresses: readonly number[]): Views {
  return new Map(ports.map(({ name, dtype, shape }, i) => [name, new (arrayOf(dtype))(memory, addresses[i], sizeOf(shape)) as Elements]))
}

/** The model object. Only `state` refers to the module's memory, so the memory can be collected without it. */
function modelOf(target: string, state: State | undefined): Model {
  const live = (): State => {
    if (!state) throw new Error('the model is disposed')
    return state
  }
  const model: Model = {
    target,
    inputs: described(BUNDLE.inputs),
    outputs: described(BUNDLE.outputs),
    run(given = {}) {
      const { execute, inputs, outputs } = live()
      for (const [view, values] of checked(given, inputs)) view.set(values as never)
      execute()
      return Object.fromEntries([...outputs].map(([name, view]) => [name, view.slice() as Elements]))
    },
    input: (name) => viewOf(live().inputs, name, 'input'),
    execute: () => live().execute(),
    output: (name) => viewOf(live().outputs, name, 'output'),
    warmup(runs = 3) {
      while (runs-- > 0) model.execute()
    },
    dispose() {
      state = undefined
    },
  }
  if (CLASSIFIER) model.classify = async (...given) => live().classify?.(...given) as ReturnType<Classify>
  return model
}

/** What holds elements of a type; the bundle knows those of its own ports. */
function arrayOf(dtype: DType): ElementArray {
  return ARRAYS[dtype] as ElementArray
}

/** A copy of the ports for the caller. Changing it does not change any model. */
function described(ports: readonly PortSpec[]): PortSpec[] {
  return ports.map((port) => ({ ...port, shape: [...port.shape] }))
}

function viewOf(views: Views, name: string, kind: string): Elements {
  const view = views.get(name)
  if (!view) throw new TypeError(`no ${kind} ${quote(name)}, expected ${names(views)}`)
  return view
}

/** Pairs of a view and the values for it. All values are checked before any of them is written. */
function checked(given: Elementwise | Elements, inputs: Views): [Elements, Elements][] {
  const single = ArrayBuffer.isView(given)
  if (!given || typeof given !== 'object' || (single && inputs.size !== 1)) {
    throw new TypeError(`expected an object with ${names(inputs)}, got ${single ? 'a single array' : given}`)
  }
  for (const name of single ? [] : Object.keys(given)) viewOf(inputs, name, 'input')
  return BUNDLE.inputs.map((port) => {
    const value = single ? given : Object.hasOwn(given, port.name) ? (given as Elementwise)[port.name] : undefined
    const view = viewOf(inputs, port.name, 'input')
    return [view, conform(value, port, view.length)]
  })
}

/**
 * `value` as elements of the port. Arrays from other realms are accepted too, so types are recognised by their
 * tag.
 */
function conform(value: unknown, { name, dtype, shape }: PortSpec, length: number): Elements {
  const expected = `input ${quote(name)}: expected ${arrayOf(dtype).name}(${length}) for ${dtype}[${shape}], got `
  const array = value as Elements
  const tag: string | undefined = ArrayBuffer.isView(value) ? array[Symbol.toStringTag] : undefined
  const half = dtype === 'float16' && tag === 'Float16Array'
  if (tag !== arrayOf(dtype).name && !half) throw new TypeError(expected + (tag ?? (value === null ? value : typeof value)))
  if (array.length !== length) throw new RangeError(`${expected}${array.length} elements`)
  return half ? (new Uint16Array(array.buffer, array.byteOffset, length) as unknown as Elements) : array
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

const quote = (name: unknown): string => JSON.stringify(String(name))

const names = (views: Views): string => [...views.keys()].map(quote).join(', ') || 'nothing in it'

/**
 * Runs the model on the self-test's input and compares the results with those of the compiler. An engine that
 * has SIMD may still compute wrong results.
 */
export function selfTest(model: Model): void {
  if (!BUNDLE.golden) throw new Error('this bundle has no self-test')
  const inputs = model.inputs.map(({ name }) => model.input(name))
  inputs.forEach(fillGolden)
  model.execute()
  BUNDLE.golden.forEach((samples, i) => {
    const name = (model.outputs[i] as PortSpec).name
    const output = model.output(name)
    const tolerance = Math.max(1e-6, ...samples.map(([, x]) => Math.abs(x))) / 50
    for (const [at, x] of samples) {
      if (Math.abs(Number(output[at]) - x) <= tolerance) continue
      throw new Error(`self-test of ${model.target}: output ${quote(name)}[${at}] is ${output[at]}, expected ${x}`)
    }
  })
  for (const view of inputs) new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(0)
}
