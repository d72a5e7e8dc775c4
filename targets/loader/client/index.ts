/** The loader that ships in a bundle. Importing it does nothing. */

import { SECTION, type VariantSpec } from '../table.ts'
import { type Bytes, body, checked, chunks, decode, type Integrity, isResponse, open, type Source } from './assets.ts'
import { type Model, makeModel, selfTest } from './model.ts'

type WasmSource = Source | WebAssembly.Module

export interface LoadOptions {
  /** Names of targets of the bundle, in order of preference. Default `auto`: all, in the bundle's order. */
  readonly target?: string | readonly string[]
  readonly wasm?: WasmSource | Promise<WasmSource>
  readonly weights?: Source | Promise<Source>
  readonly integrity?: boolean
  /** Compare one run with the compiler's own results. */
  readonly selfTest?: boolean
}

/** Fetches, compiles and instantiates the model. */
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

/** The variants that `target` allows, the preferred one first. */
function candidates(target: string | readonly string[]): readonly VariantSpec[] {
  const { variants } = BUNDLE
  if (target === 'auto') return variants
  const wanted = [target].flat().map((name) => variants.find((variant) => name === variant.name))
  if (wanted[0] && wanted.every(Boolean)) return wanted as VariantSpec[]
  throw new RangeError(`no target ${JSON.stringify(target)}, expected auto, ${namesOf(variants, ', ')}`)
}

function namesOf(variants: readonly VariantSpec[], separator = ' or '): string {
  return variants.map(({ name }) => name).join(separator)
}

/** The first variant that this engine prefers, or else the first one that it accepts. */
function best(wanted: readonly VariantSpec[]): VariantSpec {
  const spec = wanted.find((variant) => answerOf(variant) === 2) ?? wanted.find(answerOf)
  if (!spec) throw new Error(`this engine does not accept ${namesOf(wanted)}`)
  return spec
}

const answers: Record<string, number> = {}

/** What the variant's probe says: 2 if the engine prefers it, 1 if it accepts it, else 0. Each is asked once. */
function answerOf({ name, probe }: VariantSpec): number {
  answers[name] ??= ask(decode(probe))
  return answers[name]
}

/**
 * The answer of a probe. If a page's policy forbids compiling, nothing is preferred; the error then comes from
 * compiling the model.
 */
function ask(probe: Bytes): number {
  if (!WebAssembly.validate(probe)) return 0
  try {
    const { p } = new WebAssembly.Instance(new WebAssembly.Module(probe)).exports as { p(): number }
    return p() ? 2 : 1
  } catch {
    return 1
  }
}

interface Compiled {
  readonly spec: VariantSpec
  readonly module: WebAssembly.Module
}

async function instantiate({ spec, module }: Compiled): Promise<{ spec: VariantSpec; instance: WebAssembly.Instance }> {
  return { spec, instance: await WebAssembly.instantiate(module) }
}

/** Compiles the bundle's own module. It is compiled while it arrives if the server says that it is WebAssembly. */
async function compile(spec: VariantSpec, integrity: Integrity): Promise<Compiled> {
  const { file } = spec
  const opened = await open(file, undefined, integrity)
  const streams = isResponse(opened) && opened.ok && opened.headers.get('content-type')?.toLowerCase() === 'application/wasm'
  const compiling = streams ? WebAssembly.compileStreaming(opened) : WebAssembly.compile(await checked(opened, file, integrity))
  const module = await compiling.catch((cause) => {
    throw new Error(`${file.name}: ${cause}`, { cause })
  })
  return identify(module, [spec])
}

/** A module that the caller passes. The module itself says for which target it is. */
async function adopt(source: WasmSource, wanted: readonly VariantSpec[], integrity: Integrity): Promise<Compiled> {
  if (source instanceof WebAssembly.Module) return identify(source, wanted)
  const bytes = await body(await open({ name: 'wasm' }, source, integrity), 'wasm')
  if (wanted.length === 1) await checked(bytes, (wanted[0] as VariantSpec).file, integrity)
  const found = identify(await WebAssembly.compile(bytes), wanted)
  if (wanted.length > 1) await checked(bytes, found.spec.file, integrity)
  return found
}

/** Throws unless the module's own mark says that it is of this bundle and of one of `wanted`. */
function identify(module: WebAssembly.Module, wanted: readonly VariantSpec[]): Compiled {
  const [mark] = WebAssembly.Module.customSections(module, SECTION)
  const text = mark && String.fromCharCode(...new Uint8Array(mark))
  const spec = wanted.find(({ name }) => text === `${BUNDLE.id} ${name}`)
  if (!spec) throw new Error(`the wasm module is not this bundle's ${namesOf(wanted)}`)
  return { spec, module }
}
