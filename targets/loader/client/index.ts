/** The loader that ships in a bundle. Importing it does nothing. */

import { probe } from '../../target/probe.ts'
import { SECTION, type TargetSpec } from '../table.ts'
import { body, checked, chunks, type Integrity, isResponse, open, type Source } from './assets.ts'
import { type Model, makeModel, selfTest } from './model.ts'

type WasmSource = Source | WebAssembly.Module

export interface LoadOptions {
  /** Default `auto`: the best target of the bundle that this engine accepts. */
  readonly target?: string
  readonly wasm?: WasmSource | Promise<WasmSource>
  readonly weights?: Source | Promise<Source>
  readonly integrity?: boolean
  /** Compare one run with the compiler's own results. */
  readonly selfTest?: boolean
}

export async function load(options: LoadOptions = {}): Promise<Model> {
  const { integrity } = options
  const wanted = candidates(options.target ?? 'auto')
  const compiling = Promise.resolve(options.wasm).then((source) =>
    source ? adopt(source, wanted, integrity) : compile(best(wanted), integrity),
  )
  const opening = Promise.resolve(options.weights).then((source) => open(BUNDLE.weights, source, integrity))
  const [{ spec, instance }, weights] = await Promise.all([compiling.then(instantiate), opening])
  const model = await makeModel(spec, instance, chunks(weights, BUNDLE.weights, integrity))
  if (options.selfTest) selfTest(model)
  return model
}

/** The targets that `target` allows, best first. */
function candidates(target: string): readonly TargetSpec[] {
  const wanted = BUNDLE.targets.filter(({ name }) => target === 'auto' || target === name)
  if (wanted.length > 0) return wanted
  throw new RangeError(`no target ${JSON.stringify(target)}, expected auto, ${BUNDLE.targets.map(({ name }) => name).join(', ')}`)
}

function best(wanted: readonly TargetSpec[]): TargetSpec {
  const spec = wanted.find(({ name }) => WebAssembly.validate(probe(name)))
  if (!spec) throw new Error(`this engine does not accept ${wanted.map(({ name }) => name).join(' or ')}`)
  return spec
}

interface Compiled {
  readonly spec: TargetSpec
  readonly module: WebAssembly.Module
}

async function instantiate({ spec, module }: Compiled): Promise<{ spec: TargetSpec; instance: WebAssembly.Instance }> {
  return { spec, instance: await WebAssembly.instantiate(module) }
}

/** The bundle's own module, compiled while it arrives where the server says that it is WebAssembly. */
async function compile(spec: TargetSpec, integrity: Integrity): Promise<Compiled> {
  const { file } = spec
  const opened = await open(file, undefined, integrity)
  const streams = isResponse(opened) && opened.ok && opened.headers.get('content-type')?.toLowerCase() === 'application/wasm'
  const compiling = streams ? WebAssembly.compileStreaming(opened) : WebAssembly.compile(await checked(opened, file, integrity))
  const module = await compiling.catch((cause) => {
    throw new Error(`${file.name}: ${cause}`, { cause })
  })
  return identify(module, [spec])
}

/** A module that the caller passes: which target it is, the module itself says. */
async function adopt(source: WasmSource, wanted: readonly TargetSpec[], integrity: Integrity): Promise<Compiled> {
  if (source instanceof WebAssembly.Module) return identify(source, wanted)
  const bytes = await body(await open({ name: 'wasm' }, source, integrity), 'wasm')
  if (wanted.length === 1) await checked(bytes, (wanted[0] as TargetSpec).file, integrity)
  const found = identify(await WebAssembly.compile(bytes), wanted)
  if (wanted.length > 1) await checked(bytes, found.spec.file, integrity)
  return found
}

/** Throws unless the module's own mark says that it is of this bundle and of one of `wanted`. */
function identify(module: WebAssembly.Module, wanted: readonly TargetSpec[]): Compiled {
  const [mark] = WebAssembly.Module.customSections(module, SECTION)
  const text = mark && String.fromCharCode(...new Uint8Array(mark))
  const spec = wanted.find(({ name }) => text === `${BUNDLE.id} ${name}`)
  if (!spec) throw new Error(`the wasm module is not this bundle's ${wanted.map(({ name }) => name).join(' or ')}`)
  return { spec, module }
}
