import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeBundle } from './fake.ts'
import type { Loader } from './folder.ts'

const bundle = fakeBundle()
const RESULT = { y: new Float32Array(6).fill(2.5) }

interface Site {
  readonly mime?: string
  readonly status?: number
  readonly replace?: Readonly<Record<string, string>>
}

let server: Server
let site: Site = {}
let requests: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    const name = (request.url as string).slice(1)
    requests.push(name)
    const mime = name.endsWith('.wasm') ? (site.mime ?? 'application/wasm') : 'application/octet-stream'
    response.writeHead(site.status ?? 200, { 'content-type': mime })
    response.end(site.replace?.[name] ?? bundle.files.get(name))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(() => {
  server.close()
})

/** The loader as if it had been fetched from the site, whose pages have no Node. */
async function loaderFrom(current: Site): Promise<Loader> {
  site = current
  requests = []
  const { port } = server.address() as AddressInfo
  const code = Buffer.from(bundle.files.get('index.js') as Uint8Array).toString()
  const moved = code.replaceAll('import.meta.url', `"http://127.0.0.1:${port}/"`).replaceAll('getBuiltinModule', 'getNothing')
  return import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(moved).toString('base64')}`)
}

describe('over the network', () => {
  it.each(['application/wasm', 'application/wasm; charset=utf-8', 'text/plain', ''])('loads with MIME type %s', async (mime) => {
    const { load } = await loaderFrom({ mime })
    const model = await load()
    expect([model.target, model.run(new Float32Array(6).fill(1))]).toEqual(['relaxed-simd', RESULT])
    expect(requests.sort()).toEqual(['model.relaxed-simd.wasm', 'weights.bin'])
  })

  it('fetches only the module it takes', async () => {
    const { load } = await loaderFrom({})
    await load({ target: 'scalar' })
    expect(requests.sort()).toEqual(['model.scalar.wasm', 'weights.bin'])
  })

  it('reports a missing file', async () => {
    const { load } = await loaderFrom({ status: 404 })
    await expect(load({ integrity: false })).rejects.toThrow(/HTTP 404 from http/)
    await expect(load()).rejects.toThrow(/model\.relaxed-simd\.wasm|weights\.bin/)
  })

  it('reports a page where a file should be', async () => {
    const page = '<!doctype html><title>Welcome</title>'
    const { load } = await loaderFrom({ mime: 'text/html', replace: { 'weights.bin': page, 'model.relaxed-simd.wasm': page } })
    await expect(load({ integrity: false })).rejects.toThrow(/: 37 bytes, expected \d+; it looks like a web page/)
  })

  it('reports truncated and changed files', async () => {
    const { load } = await loaderFrom({ replace: { 'weights.bin': 'short' } })
    await expect(load({ integrity: false })).rejects.toThrow('weights.bin: 5 bytes, expected 16')
    const changed = await loaderFrom({ replace: { 'weights.bin': 'sixteen bytes ok' } })
    await expect(changed.load({ integrity: true })).rejects.toThrow('weights.bin: cannot fetch http://127.0.0.1')
    expect((await changed.load()).target).toBe('relaxed-simd')
  })
})
