/** What a person reads who mistypes a command: the texts that the tests of the commands themselves do not have in full. */

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { UsageError } from '../../compiler/cli/errors.ts'
import { readImage } from '../../compiler/cli/image-files.ts'
import { relaunch } from '../../compiler/cli/relaunch.ts'
import { DEFAULT_LIMITS } from '../../compiler/limits/limits.ts'
import { PASSES } from '../../compiler/passes/index.ts'
import { writeNpy } from '../../compiler/running/npy.ts'
import { ARCHITECTURES } from '../../compiler/zoo/catalogue.ts'
import { float32 } from '../../ir/tensors/tensor.ts'
import { targetNamed } from '../../targets/target/target.ts'
import { CommandLine } from '../cli/spawn.ts'
import { bytesOf, counting } from '../onnx/model.ts'

const cli = new CommandLine()
const PROFILE = JSON.stringify({ targets: { scalar: { steps: [] } } })
const sha384 = createHash('sha384').update(PROFILE).digest('base64')

/** A bundle as far as commands look before they load it. */
function writeFolder(name: string, manifest: unknown, profile = PROFILE): void {
  mkdirSync(cli.path(name))
  writeFileSync(cli.path(`${name}/manifest.json`), typeof manifest === 'string' ? manifest : JSON.stringify(manifest))
  writeFileSync(cli.path(`${name}/profile.json`), profile)
}

beforeAll(() => {
  const two = { a: counting([2]), b: counting([2]) }
  writeFileSync(cli.path('m.onnx'), bytesOf({ inputs: two, nodes: [{ op: 'Add', in: ['a', 'b'], out: ['y'] }] }))
  writeFileSync(cli.path('x.npy'), writeNpy(float32([2], [1, 2])))
  writeFileSync(cli.path('text.json'), 'text')
  writeFileSync(cli.path('text.png'), 'text')
  mkdirSync(cli.path('empty'))
  const files = { 'profile.json': { sha384 } }
  writeFolder('bundle', { targets: ['scalar'], files, peakMemory: {} })
  writeFolder('plain', { targets: ['scalar'], files: {}, peakMemory: {} })
  writeFolder('changed', { targets: ['scalar'], files, peakMemory: {} }, `${PROFILE} `)
  writeFolder('damaged', 'text')
})

afterAll(() => cli.remove())

const REBUILD = 'make one with: mobilenet-compile compile <model.onnx> -o <dir> --profile'
const TWO = '  hint: inputs: "a", "b"'

describe('mistakes', () => {
  it.each([
    [
      'xyzzyx',
      `error: unknown command "xyzzyx"\n  hint: commands: bench, compile, create, inspect, profile, run, tune, verify, completion`,
    ],
    ['completion zsh', 'error: unexpected argument "zsh"\n  hint: mobilenet-compile completion'],
    [
      'compile m.onnx -o d --preprocess xyzzyx',
      'error: --preprocess xyzzyx: expected torchvision, tensorflow, none or a .json file\n  hint: for example --preprocess torchvision',
    ],
    ['compile m.onnx -o d --stop-after layout', 'error: --stop-after makes no bundle: leave -o out'],
    [
      'compile m.onnx --stop-after xyzzyxyzzyx',
      `error: unknown pass "xyzzyxyzzyx"\n  hint: passes: ${PASSES.map((p) => p.name).join(', ')}`,
    ],
    [
      'compile m.onnx -o d --max-size big',
      'error: --max-size big: expected a size such as 60KB or 64KiB\n  hint: mobilenet-compile compile --help',
    ],
    [
      'compile m.onnx -o d --limit depth=1',
      `error: --limit depth=1: there is no limit "depth"\n  hint: limits: ${Object.keys(DEFAULT_LIMITS).join(', ')}`,
    ],
    ['compile m.onnx -o d --limit node=1', 'error: --limit node=1: there is no limit "node"\n  hint: did you mean nodes?'],
    ['compile m.onnx -o d --limit nodes', 'error: --limit nodes: expected name=number\n  hint: for example --limit nodes=100000'],
    ['compile m.onnx -o d --dim N=1 --dim N=2', 'error: --dim N is given more than once'],
    ['compile m.onnx -o d --input-shape a:0x2', 'error: --input-shape a:0x2: extents must be at least 1'],
    ['compile /dev/null -o d', 'error: /dev/null: is a device or a pipe, not a file'],
    [
      'create mobilenet-v9000 -o m',
      `error: unknown architecture "mobilenet-v9000", expected one of ${ARCHITECTURES.map((a) => a.name).join(', ')}`,
    ],
    ['create mobilenet-v1 --output=', 'error: --output must be one file'],
    ['create mobilenet-v1 -o a --classes 0.5', 'error: --classes must be an integer from 1 to 100000, not 0.5'],
    ['create mobilenet-v1 -o a --width x', 'error: --width must be a number from 0.05 to 4, not x'],
    ['inspect empty', 'error: empty is no bundle: it has no manifest.json\n  hint: give a model file, or a folder that compile wrote'],
    ['inspect damaged', 'error: damaged/manifest.json is no manifest of a bundle'],
    ['inspect bundle', 'error: bundle/manifest.json is no manifest of a bundle'],
    ['run bundle --top-k 0', 'error: --top-k 0: expected an integer of at least 1'],
    ['profile bundle --num-runs 0', 'error: --num-runs 0: expected an integer of at least 1'],
    ['profile empty', 'error: empty: is not a bundle, it has no manifest.json'],
    ['profile bundle', 'error: bundle: is a single file\n  hint: compile it without --single-file'],
    ['profile bundle --target simd128', 'error: bundle: has no module for simd128, only for scalar'],
    [
      'profile bundle -o report.pdf',
      'error: --output report.pdf: expected a name that ends in .html or .json\n  hint: for example --output report.html',
    ],
    ['profile plain', `error: plain: is not a profiling build\n  hint: ${REBUILD}`],
    ['profile changed', `error: changed/profile.json: is not the file that the bundle was made with\n  hint: ${REBUILD}`],
    ['profile damaged', 'error: damaged/manifest.json: is damaged'],
    ['bench bundle --warmup-runs -1', 'error: --warmup-runs -1: expected an integer from 0'],
    ['bench bundle --num-runs 0', 'error: --num-runs 0: expected an integer from 1'],
    ['bench bundle --min-secs x', 'error: --min-secs NaN: expected a number of seconds'],
    ['bench bundle --max-secs 0', 'error: --max-secs 0: expected a positive number of seconds'],
    ['bench bundle --min-secs 2 --max-secs 1', 'error: --min-secs 2 is more than --max-secs 1'],
    ['bench bundle --compare plain --baseline b.json', 'error: --compare and --baseline exclude each other'],
    ['bench bundle --browser-path chrome', 'error: --browser-path is for --browser'],
    [
      'bench bundle --max-regression 100%',
      'error: --max-regression 100%: expected a share below 100 %\n  hint: for example --max-regression 5%',
    ],
    ['bench empty', 'error: empty: is not a bundle, it has no manifest.json\n  hint: compile a model with -o <folder> first'],
    ['bench bundle --baseline text.json', 'error: text.json: is not JSON\n  hint: bench --output baseline.json makes one'],
    ['verify m.onnx --input x.npy --reference x.npy', `error: x.npy: which input? give name=file\n${TWO}`],
    [
      'verify m.onnx --input a=x.npy --input b=x.npy --reference empty',
      'error: empty: no .npy file is named like a value of the model\n  hint: for example y.npy',
    ],
    ['verify m.onnx --input a=x.npy --input b=x.npy --reference x.npy --rtol x', 'error: --rtol NaN: expected a number of at least 0'],
  ])('%s', async (line, message) => {
    expect(await cli.call(...line.split(' '))).toEqual({ code: 2, stdout: '', stderr: `${message}\n` })
  })

  it('a file that is no image', () => {
    expect(() => readImage(cli.path('text.png'))).toThrow(
      new UsageError(`${cli.path('text.png')}: is no image that can be read: neither JPEG nor PNG`),
    )
  })

  it('a file above its limit', async () => {
    const { code, stderr } = await cli.call('compile', 'm.onnx', '-o', 'd', '--limit', 'fileBytes=10')
    expect([code, stderr.replace(/\d+ bytes/, 'N bytes')]).toEqual([
      3,
      'error[too-large]: m.onnx is no ONNX model to be read: its N bytes exceed the limit of 10\n  hint: protobuf files have 2 GiB at most; --limit fileBytes=… sets another limit\n',
    ])
  })
})

describe('what this Node cannot do', () => {
  it('run a target', async () => {
    const engine = (globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } }).WebAssembly
    vi.spyOn(engine, 'validate').mockReturnValue(false)
    const line = 'verify m.onnx --input a=x.npy --input b=x.npy --reference x.npy --target simd128'
    expect((await cli.call(...line.split(' '))).stderr).toBe('error: this Node runs none of simd128\n')
  })

  it('start another Node that does', () => {
    vi.spyOn(process, 'execArgv', 'get').mockReturnValue(['--experimental-wasm-relaxed-simd'])
    const message = `this Node (${process.versions.node}) cannot run relaxed-simd\n  hint: choose another --target`
    expect(() => relaunch([targetNamed('relaxed-simd')])).toThrow(new UsageError(message))
    vi.restoreAllMocks()
  })
})
