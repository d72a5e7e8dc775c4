/**
 * The same API for a model that runs in a module worker. Every call returns a promise.
 *
 * This file runs on both sides. On the page, `load` starts a worker that runs this same file, and exchanges
 * messages with it. In a worker, the file answers only the messages that carry its mark.
 */

import { builtin } from './assets.ts'
import type { ClassifyOptions } from './image.ts'
import { type LoadOptions, load as loadHere } from './index.js'
import type { Elements, Elementwise, Model } from './model.ts'

const MARK = 'mobilenet-compile'

/** What web workers and worker threads have in common. */
interface Channel {
  postMessage(message: unknown, transfer?: Transferable[]): void
  addEventListener?(type: string, listener: (event: { data?: unknown; message?: string }) => void): void
  on?(type: string, listener: (value: never) => void): void
  terminate?(): unknown
}

interface Threads {
  readonly Worker: new (url: URL, options: { workerData: string }) => Channel
  readonly parentPort: Channel | null
  readonly isMainThread: boolean
  readonly workerData: unknown
}

interface Request {
  readonly mark: string
  readonly id: number
  readonly method: string
  readonly args: readonly unknown[]
}

interface Reply {
  readonly mark: string
  readonly id: number
  readonly value?: unknown
  readonly error?: { readonly name: string; readonly message: string }
}

export interface WorkerLoadOptions extends LoadOptions {
  /** A worker that runs this file, for bundlers that must create it themselves. Default: a new one. */
  readonly worker?: Channel
}

const threads = builtin<Threads>('node:worker_threads')

function listen(channel: Channel, type: string, listener: (value: unknown) => void): void {
  if (channel.addEventListener) channel.addEventListener(type, (event) => listener(type === 'message' ? event.data : event.message))
  else channel.on?.(type, listener)
}

function start(): Channel {
  if (typeof Worker === 'undefined' && threads) return new threads.Worker(new URL(import.meta.url), { workerData: MARK })
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }) as unknown as Channel
}

/** Loads the model in a worker. `dispose` ends the worker and rejects all calls that have not finished. */
export async function load({ worker, wasm, weights, ...rest }: WorkerLoadOptions = {}) {
  const channel = worker ?? start()
  const { call, fail } = connect(channel)
  const end = (): void => {
    fail(new Error('the model is disposed'))
    channel.terminate?.()
  }
  try {
    const options = { ...rest, wasm: await portable(wasm), weights: await portable(weights) }
    const { images, ...about } = (await call('load', [options])) as Pick<Model, 'target' | 'inputs' | 'outputs'> & { images: boolean }
    const classify = async (source: unknown, options?: ClassifyOptions) => {
      const image = await detached(source)
      return call('classify', [image, options], image === source ? [] : [image as ImageBitmap])
    }
    return {
      ...about,
      ...(images && { classify }),
      run: (given?: Elementwise | Elements, { transfer = false } = {}) => call('run', [given], transfer ? buffersOf(given) : []),
      input: (name: string, values?: Elements) => call('input', [name, values]),
      execute: () => call('execute', []),
      output: (name: string) => call('output', [name]),
      warmup: (runs?: number) => call('warmup', [runs]),
      dispose: async () => end(),
    }
  } catch (error) {
    end()
    throw error
  }
}

/** A source that `postMessage` can clone: addresses become absolute here, responses are read here. */
async function portable(source: LoadOptions['wasm']): Promise<unknown> {
  const given = (await source) as Exclude<LoadOptions['wasm'], Promise<unknown>>
  if (given && typeof given === 'object' && 'arrayBuffer' in given) {
    if (!given.ok) throw new Error(`HTTP ${given.status} from ${given.url}`)
    return given.arrayBuffer()
  }
  if (given instanceof URL) return given.href
  return typeof given === 'string' && typeof document !== 'undefined' ? new URL(given, document.baseURI).href : given
}

/**
 * The source in a form that `postMessage` can clone. Elements of a page become bitmaps, and so do canvases that
 * belong to no page.
 */
function detached(source: unknown): unknown {
  const drawable = [globalThis.Element, globalThis.OffscreenCanvas].some((kind) => kind && source instanceof kind)
  return drawable ? createImageBitmap(source as HTMLImageElement) : source
}

function buffersOf(given: Elementwise | Elements | undefined): Transferable[] {
  const arrays = ArrayBuffer.isView(given) ? [given] : Object.values(given ?? {})
  return [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))]
}

function connect(channel: Channel) {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(reason: Error): void }>()
  let last = 0
  let broken: Error | undefined
  const fail = (reason: Error): void => {
    broken ??= reason
    for (const { reject } of waiting.values()) reject(broken)
    waiting.clear()
  }
  listen(channel, 'message', (message) => {
    const { mark, id, value, error } = message as Reply
    if (mark !== MARK) return
    if (error) waiting.get(id)?.reject(revive(error))
    else waiting.get(id)?.resolve(value)
    waiting.delete(id)
  })
  listen(channel, 'error', (reason) => fail(new Error(`the worker failed: ${reason ?? 'it could not be started'}`)))
  const call = (method: string, args: readonly unknown[], transfer: Transferable[] = []): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (broken) return reject(broken)
      waiting.set(++last, { resolve, reject })
      channel.postMessage({ mark: MARK, id: last, method, args } satisfies Request, transfer)
    })
  return { call, fail }
}

function revive({ name, message }: { name: string; message: string }): Error {
  return name === 'TypeError' ? new TypeError(message) : name === 'RangeError' ? new RangeError(message) : new Error(message)
}

function serve(channel: Channel): void {
  let model: Model | undefined
  listen(channel, 'message', async (message) => {
    const { mark, id, method, args } = message as Request
    if (mark !== MARK) return
    try {
      if (method === 'load') model = await loadHere(args[0] as LoadOptions)
      const value = model && (await answer(model, method, args))
      const moved = method === 'load' || method === 'classify' ? undefined : (value as Elementwise)
      channel.postMessage({ mark, id, value } satisfies Reply, buffersOf(moved))
    } catch (error) {
      const { name, message } = error as Error
      channel.postMessage({ mark, id, error: { name, message } } satisfies Reply)
    }
  })
}

/** Calls a method of the model. Results are copies, so that they can be transferred. */
function answer(model: Model, method: string, args: readonly unknown[]): unknown {
  const [first, values] = args
  if (method === 'load') return { target: model.target, inputs: model.inputs, outputs: model.outputs, images: Boolean(model.classify) }
  if (method === 'classify') return classified(model, first, values as ClassifyOptions)
  if (method === 'run') return model.run(first as Elementwise)
  if (method === 'output') return model.output(first as string).slice()
  if (method === 'input') {
    const view = model.input(first as string)
    if (values) view.set(values as never)
    return view.slice()
  }
  return method === 'warmup' ? model.warmup(first as number) : model.execute()
}

/**
 * Classifies an image and closes it. Bitmaps and frames that arrived here belong to this side. A camera stops
 * if its frames are left to the garbage collector.
 */
async function classified(model: Model, image: unknown, options: ClassifyOptions): Promise<unknown> {
  try {
    return await model.classify?.(image, options)
  } finally {
    ;(image as Partial<ImageBitmap> | null)?.close?.()
  }
}

/** `postMessage` does not tell: Bun's main thread has it, too. Bun's workers are told apart as Node's are. */
const inWorker = 'WorkerGlobalScope' in globalThis || threads?.isMainThread === false
const scope = inWorker && 'postMessage' in globalThis ? (globalThis as unknown as Channel) : null
const parent = threads?.workerData === MARK ? threads.parentPort : scope
if (parent) serve(parent)
