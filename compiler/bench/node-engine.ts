/** Measures in a child process of this Node. */

import { type ChildProcess, spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Engine, type Launch, launchOf } from './engine.ts'
import { Sampler } from './sampler.ts'

/** The whole program of the child process. Calls of the sampler's methods and their results are messages. */
const PROGRAM = `
const sampler = new (${Sampler})((url) => import(url))
process.on('message', async ({ id, method, args }) => {
  try {
    process.send({ id, result: await sampler[method](...args) })
  } catch (error) {
    process.send({ id, error: String(error?.message ?? error) })
  }
})
`

/** The version of Node that runs this; each launch is a process of its own. */
export function nodeEngine(): Engine {
  let serial = 0
  return {
    info: { name: 'node', version: process.versions.node },
    urlOf: (folder, file) => `${pathToFileURL(join(resolve(folder), file)).href}?${serial++}`,
    launch: async () => launch(),
    close: async () => {},
  }
}

/** Node 20 has relaxed SIMD behind a flag, which later versions no longer need. */
function flags(): string[] {
  return process.versions.node.startsWith('20.') ? ['--experimental-wasm-relaxed-simd'] : []
}

interface Reply {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

function launch(): Launch {
  const child = spawn(process.execPath, [...flags(), '--input-type=module', '--eval', PROGRAM], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const pending = new Map<number, Pending>()
  const failAll = (reason: string): void => {
    for (const { reject } of pending.values()) reject(new Error(reason))
    pending.clear()
  }
  child.on('message', (reply) => settle(pending, reply as Reply))
  child.on('error', (error) => failAll(error.message))
  child.on('exit', (code, signal) => failAll(`the measured process ended early (${signal ?? `exit code ${code}`})`))
  let id = 0
  const call = (method: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      pending.set(++id, { resolve, reject })
      child.send({ id, method, args }, (error) => error && failAll(error.message))
    })
  return launchOf(call, () => stop(child))
}

function settle(pending: Map<number, Pending>, { id, result, error }: Reply): void {
  const waiting = pending.get(id)
  pending.delete(id)
  if (error === undefined) waiting?.resolve(result)
  else waiting?.reject(new Error(error))
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill()
  await ended
}
