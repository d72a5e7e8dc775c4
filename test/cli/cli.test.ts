import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readNpy, writeNpy } from '../../compiler/running/npy.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { float32 } from '../../ir/tensors/tensor.ts'
import { CommandLine } from './spawn.ts'

const cli = new CommandLine()
const SIDE = 16

beforeAll(async () => {
  await cli.build()
  const options = { width: 0.1, resolution: SIDE, classes: 4 }
  writeFileSync(cli.path('m.onnx'), createModel('mobilenet-v2', options))
  writeFileSync(cli.path('batch.onnx'), createModel('mobilenet-v1', { ...options, batch: 'N' }))
  writeFileSync(cli.path('broken.onnx'), 'not a model')
  writeFileSync(cli.path('bad.json'), '{"filter": "box"}')
  writeFileSync(cli.path('small.json'), '{"resize": 8}')
  writeFileSync(cli.path('labels.txt'), '\ufeffant\r\nbee\r\ncat\r\n\u001b[31mdog\r\n\r\n')
  writeFileSync(cli.path('marked.json'), '\ufeff{"resize": 16}')
  writeImages()
  const x = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => Math.sin(i))
  writeFileSync(cli.path('x.npy'), writeNpy(float32([1, 3, SIDE, SIDE], x)))
  writeFileSync(cli.path('flat.npy'), writeNpy(float32([3 * SIDE * SIDE], x)))
})

/** The same drawing in two formats. */
function writeImages(): void {
  const data = Buffer.from(Uint8Array.from({ length: 40 * 30 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * i) >> 5)))
  const image = { width: 40, height: 30, data }
  writeFileSync(cli.path('image.jpg'), jpeg.encode(image, 100).data)
  writeFileSync(cli.path('image.png'), PNG.sync.write(Object.assign(new PNG({ width: 40, height: 30 }), { data })))
  writeFileSync(cli.path('text.png'), 'text')
}

afterAll(() => cli.remove())

describe('help and version', () => {
  it('lists the commands', () => {
    const { code, stdout, stderr } = cli.run('--help')
    expect([code, stderr]).toEqual([0, ''])
    for (const command of [
      'compile <model>',
      'inspect <path>',
      'run <bundle> [inputs..]',
      'tune',
      'verify <model>',
      'create <architecture>',
      'completion',
    ]) {
      expect(stdout).toContain(`mobilenet-compile ${command}`)
    }
    expect(stdout).toContain(
      'Exit codes: 0 ok, 1 our bug, 2 usage, 3 bad or unsupported model, 4 verification failed, 5 too slow or large.',
    )
  })

  it('explains a command with examples', () => {
    const { code, stdout } = cli.run('run', '--help')
    expect(code).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "mobilenet-compile run <bundle> [inputs..]

      Run a bundle on inputs and print the top classes

      Positionals:
        bundle  Folder that compile has written                                                  [string] [required]
        inputs  Inputs: [name=]file, .npy or ONNX .pb; or one .jpg or .png                     [array] [default: []]

      Options:
            --json     Print the result as JSON on stdout                                                  [boolean]
            --quiet    Print nothing but results and errors                                                [boolean]
            --verbose  Say more, on stderr                                                                 [boolean]
            --color    Colours on a terminal; --no-color turns them off                    [boolean] [default: true]
            --version  Show version number                                                                 [boolean]
        -h, --help     Show help                                                                           [boolean]
        -o, --output   Write outputs as .npy: a file, or a folder for several                               [string]
            --top-k    How many of the largest elements to print                               [number] [default: 5]
            --target   Which module to run  [choices: "auto", "scalar", "simd128", "relaxed-simd"] [default: "auto"]

      Examples:
        mobilenet-compile run dist/ image.npy                    print the top classes
        mobilenet-compile run dist/ photo.jpg                    classify an image, with a bundle made with
                                                                 --preprocess
        mobilenet-compile run dist/ input=image.npy -o           write the output
        result.npy
      "
    `)
  })

  it('prints the version and a completion script', () => {
    expect(cli.run('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
    const script = cli.run('completion')
    expect(script).toMatchObject({ code: 0, stderr: '' })
    expect(script.stdout).toMatch(/complete -o .* mobilenet-compile\n/)
    expect(cli.run('completion', 'x').code).toBe(2)
    const { code, stdout } = cli.run('--get-yargs-completions', 'mobilenet-compile', 'compile', '--em')
    expect([code, stdout.split('\n').includes('--emit')]).toEqual([0, true])
  })

  it('shows help where nothing is asked', () => {
    const { code, stdout, stderr } = cli.run()
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('Commands:')
  })
})

describe('usage errors exit with 2 and say what was meant', () => {
  it.each([
    ['complie m.onnx', 'error: unknown command "complie"\n  hint: did you mean compile?\n'],
    ['compile m.onnx -o d --max-szie 3', 'error: unknown option --max-szie\n  hint: did you mean --max-size?\n'],
    ['verify --bogus', 'error: unknown option --bogus\n  hint: mobilenet-compile verify --help\n'],
    ['create --sed 1', 'error: unknown option --sed\n  hint: did you mean --seed?\n'],
    ['m.onnx -o d --emit', 'error: --emit needs a value\n  hint: mobilenet-compile --help\n'],
    ['compile m.onnx -o --quiet', 'error: -o needs a value\n  hint: mobilenet-compile compile --help\n'],
    ['compile m.onnx', 'error: where to? give a folder with -o\n  hint: for example: mobilenet-compile m.onnx -o dist/\n'],
    ['compile m.onnx -o', 'error: -o needs a value\n  hint: mobilenet-compile compile --help\n'],
    ['compile m.onnx -o d -o e', 'error: --output is given more than once\n'],
    ['m.onnx --emit graph --emit wat', 'error: --emit is given more than once\n'],
    ['m.onnx --stop-after layout --stop-after fold-pad', 'error: --stop-after is given more than once\n'],
    ['m.onnx --print-after layout --print-after all', 'error: --print-after is given more than once\n'],
    ['m.onnx -o d --max-size 1KB --max-size 2KB', 'error: --max-size is given more than once\n'],
    ['run d x.npy --target scalar --target simd128', 'error: --target is given more than once\n'],
    ['compile', 'error: an argument is missing\n  hint: mobilenet-compile compile --help\n'],
    ['compile m.onnx extra -o d', 'error: unexpected argument "extra"\n  hint: mobilenet-compile compile --help\n'],
    ['compile none.onnx -o d', 'error: none.onnx: no such file or folder\n'],
    ['compile . -o d', 'error: .: is a folder, not a file\n'],
    ['compile m.onnx -o x.npy', 'error: x.npy: exists and is not a folder\n'],
    [
      'compile m.onnx -o d --target smd128',
      'error: --target: unknown target "smd128", expected scalar, simd128, relaxed-simd\n  hint: did you mean simd128?\n',
    ],
    [
      'compile m.onnx -o d --dim N',
      'error: --dim N: expected name=extent with an extent of at least 1\n  hint: for example --dim batch_size=1\n',
    ],
    [
      'compile m.onnx -o d --input-shape 1,3',
      'error: --input-shape 1,3: expected extents joined by x\n  hint: for example --input-shape input:1x3x224x224\n',
    ],
    ['compile m.onnx -o d --cost-model x.npy', 'error: x.npy: is not JSON\n  hint: tune -o costs.json makes one\n'],
    ['compile m.onnx -o d --cost-model none.json', 'error: none.json: no such file or folder\n'],
    ['tune --num-runs 0', 'error: --num-runs 0: expected an integer of at least 1\n'],
    ['compile m.onnx --emit code', 'error: --emit "code": expected graph, schedule, wat\n'],
    ['compile m.onnx --stop-after fold-pads', 'error: unknown pass "fold-pads"\n  hint: did you mean fold-pad?\n'],
    [
      'compile m.onnx -o d --preprocess torchvison',
      'error: --preprocess torchvison: expected torchvision, tensorflow, none or a .json file\n  hint: did you mean torchvision?\n',
    ],
    ['compile m.onnx -o d --preprocess none.json', 'error: none.json: no such file or folder\n'],
    ['compile m.onnx -o d --preprocess bad.json', 'error: bad.json: preprocessing: filter must be bilinear or bicubic, not "box"\n'],
    [
      'compile m.onnx -o d --preprocess small.json',
      "error[invalid-shape]: preprocessing: resize 8 is smaller than the network's input, 16×16\n  hint: resize to the size of the input or larger: the middle of it is what the network sees\n",
    ],
    ['compile m.onnx -o d --labels none.txt', 'error: none.txt: no such file or folder\n'],
    ['verify m.onnx', 'error: missing: --input, --reference\n  hint: mobilenet-compile verify --help\n'],
    ['run .', 'error: .: is not a bundle, it has no manifest.json\n'],
  ])('%s', async (line, message) => {
    expect(await cli.call(...line.split(' '))).toEqual({ code: 2, stdout: '', stderr: message })
    expect(existsSync(cli.path('d'))).toBe(false)
  })
})

describe('errors', () => {
  it('honour every way to ask for JSON or colours', async () => {
    const { stdout } = await cli.call('none.onnx', '-o', 'd', '--json=true')
    expect(JSON.parse(stdout).errors[0].code).toBe('usage')
    expect((await cli.call('none.onnx', '-o', 'd', '--json=false')).stdout).toBe('')
    expect((await cli.callWith({ FORCE_COLOR: '1' }, 'none.onnx', '-o', 'd', '--color=false')).stderr).not.toContain('\u001b[')
    expect((await cli.callWith({ FORCE_COLOR: '1' }, 'none.onnx', '-o', 'd')).stderr).toContain('\u001b[')
  })
})

describe('compile', () => {
  it('is the default command, and says what it wrote', () => {
    const { code, stdout, stderr } = cli.run('m.onnx', '-o', 'out/bundle')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.replace(/[\d.]+ m?s\)/, 'T)').replace(/[\d.]+ [kM]?B/g, (s) => 'N B'.padStart(s.length))).toMatchInlineSnapshot(`
      "✓ m.onnx → out/bundle (11 files, T)

        file                       bytes   brotli  peak memory
        model.relaxed-simd.wasm      N B      N B          N B
        model.simd128.wasm           N B      N B          N B
        weights.bin                  N B
        index.js                     N B      N B
      "
    `)
    expect(readdirSync(cli.path('out'))).toEqual(['bundle'])
  })

  it('writes the same bytes again, and no others', async () => {
    const files = readdirSync(cli.path('out/bundle'))
    const before = files.map((f) => readFileSync(cli.path(`out/bundle/${f}`)))
    writeFileSync(cli.path('out/bundle/notes.txt'), 'mine')
    const { code, stdout } = await cli.call('compile', 'm.onnx', '-o', 'out/bundle', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).files.sort()).toEqual(files)
    expect(files.map((f) => readFileSync(cli.path(`out/bundle/${f}`)))).toEqual(before)
    expect(readdirSync(cli.path('out/bundle')).sort()).toEqual([...files, 'notes.txt'].sort())
  })

  it('says nothing with --quiet', async () => {
    expect(await cli.call('m.onnx', '-o', 'quiet', '--quiet', '--target', 'scalar')).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('gives symbolic dimensions their extents', async () => {
    const refused = await cli.call('batch.onnx', '-o', 'batch')
    expect([refused.code, existsSync(cli.path('batch'))]).toEqual([3, false])
    expect(refused.stderr).toMatch(/--dim N=/)
    expect((await cli.call('batch.onnx', '-o', 'batch', '--dim', 'N=2', '--target', 'scalar')).code).toBe(0)
    const shaped = ['--input-shape', `input:3x3x${SIDE}x${SIDE}`, '--target', 'scalar', '--json']
    expect((await cli.call('batch.onnx', '-o', 'batch', ...shaped)).code).toBe(0)
    expect(JSON.parse(readFileSync(cli.path('batch/manifest.json'), 'utf8')).outputs).toEqual([
      { name: 'output', shape: [3, 4], dtype: 'float32' },
    ])
  })

  it('leaves nothing where it fails', async () => {
    const { code, stdout, stderr } = await cli.call('broken.onnx', '-o', 'deep/er', '--json')
    expect([code, existsSync(cli.path('deep'))]).toEqual([3, false])
    expect(stderr).toMatch(/^error\[invalid-model\]: not an ONNX model/)
    expect(JSON.parse(stdout).errors).toEqual([expect.objectContaining({ code: 'invalid-model' })])
    const limited = await cli.call('m.onnx', '-o', 'deep/er', '--max-size', '1KB')
    expect([limited.code, existsSync(cli.path('deep'))]).toEqual([5, false])
    expect(limited.stderr).toMatch(/more than the 1 kB of --max-size; nothing was written/)
  })

  it('overwrites nothing that no bundle wrote', async () => {
    writeFileSync(cli.path('package.json'), '{}')
    const { code, stderr } = await cli.call('m.onnx', '-o', '.', '--target', 'scalar')
    expect([code, readFileSync(cli.path('package.json'), 'utf8')]).toEqual([2, '{}'])
    expect(stderr).toBe(
      'error: . holds package.json, which no earlier bundle wrote\n  hint: choose another folder, or move these files away\n',
    )
  })

  it('prints what it makes', async () => {
    const graph = await cli.call('m.onnx', '--emit', 'graph')
    expect(graph.stdout).toMatch(/^graph @.*\(%0: f32\[1,3,16,16\]\)/)
    expect((await cli.call('m.onnx', '--emit', 'schedule', '--target', 'scalar')).stdout).toMatch(/^;; scalar\nschedule: \d+ steps/)
    expect((await cli.call('m.onnx', '--emit', 'wat', '--target', 'scalar')).stdout).toMatch(/^;; scalar\n\(module/)
    const stopped = await cli.call('m.onnx', '--stop-after', 'layout')
    expect(stopped.stdout).toMatch(/^graph @/)
    const all = (await cli.call('m.onnx', '--print-after', 'all', '--target', 'scalar')).stdout
    expect(all.match(/^;; .*/gm)?.slice(0, 2)).toEqual([';; import', ';; after widen-float16'])
  })

  it('prints what it makes as JSON and nothing else', async () => {
    const json = async (...args: string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await cli.call('m.onnx', '--target', 'scalar', '--json', ...args)
      expect([code, stderr]).toEqual([0, ''])
      return JSON.parse(stdout)
    }
    const graph = expect.stringMatching(/^graph @/)
    expect(await json('--emit', 'graph')).toEqual({ graph })
    expect(await json('--emit', 'wat')).toEqual({ wat: { scalar: expect.stringMatching(/^\(module/) } })
    expect(await json('--stop-after', 'layout', '--print-after', 'cse')).toEqual({ after: { cse: graph }, graph })
  })

  it('says times and remarks with --verbose', async () => {
    const { stdout, stderr } = await cli.call('m.onnx', '--emit', 'graph', '--target', 'scalar', '--verbose')
    expect(stdout).toMatch(/^graph @/)
    expect(stdout).not.toMatch(/link scalar/)
    expect(stderr).toMatch(/^fold-batch-norm: .*\n/m)
    expect(stderr).toMatch(/^ {2}link scalar +[\d.]+ m?s/m)
  })

  it.each([
    [`z:1x3x${SIDE}x${SIDE}`, 'there is no input "z"'],
    ['1x3x16', 'which has 4 dimensions'],
    [`0x3x${SIDE}x${SIDE}`, 'extents must be at least 1'],
    [`3x3x${SIDE}x${SIDE}`, 'dimension N is both 2 and 3'],
  ])('blames the option for the shape %s', async (shape, message) => {
    const { code, stderr } = await cli.call('batch.onnx', '-o', 'shaped', '--dim', 'N=2', '--input-shape', shape)
    expect([code, existsSync(cli.path('shaped'))]).toEqual([2, false])
    expect(stderr).toContain(message)
  })

  it('checks every pass, times every stage, and explains', async () => {
    const { code, stdout, stderr } = await cli.call('m.onnx', '-o', 'checked', '--check', '--time', '--explain', '--target', 'simd128')
    expect(code).toBe(0)
    expect(stderr).toMatch(/check: fuse-activation keeps the outputs/)
    expect(stdout).toMatch(/^ {2}link simd128 /m)
    expect(stdout).toMatch(/^simd128: .* µs/m)
  })

  it('prints colours only where they are wanted', async () => {
    const line = ['m.onnx', '-o', 'colours', '--target', 'scalar']
    expect((await cli.callWith({ FORCE_COLOR: '1' }, ...line)).stdout).toContain('\u001b[')
    expect((await cli.callWith({ FORCE_COLOR: '1', NO_COLOR: '1' }, ...line)).stdout).not.toContain('\u001b[')
    expect((await cli.callWith({ FORCE_COLOR: '1' }, ...line, '--no-color')).stdout).not.toContain('\u001b[')
  })
})

describe('run', () => {
  it('prints the top classes', async () => {
    const { code, stdout } = await cli.call('run', 'out/bundle', 'x.npy', '--top-k', '2', '--target', 'simd128')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^output f32\[1,4\] \(simd128\)\n {2}index +value\n +\d +-?[\d.]+\n +\d +-?[\d.]+\n$/)
  })

  it('gives the same for programs', async () => {
    const { stdout } = await cli.call('run', 'out/bundle', 'input=x.npy', '--json')
    const { outputs } = JSON.parse(stdout)
    expect(outputs[0]).toMatchObject({ name: 'output', dtype: 'float32', shape: [1, 4] })
    expect(outputs[0].rows[0]).toHaveLength(4)
  })

  it('writes outputs', async () => {
    expect(await cli.call('run', 'out/bundle', 'x.npy', '-o', 'y.npy', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(readNpy(readFileSync(cli.path('y.npy'))).type).toEqual({ dtype: 'float32', shape: [1, 4] })
    expect((await cli.call('run', 'out/bundle', 'x.npy', '-o', 'results')).code).toBe(0)
    expect(readFileSync(cli.path('results/output.npy'))).toEqual(readFileSync(cli.path('y.npy')))
  })

  it.each([
    [[], 'error: input "input" is missing: f32[1,3,16,16]\n  hint: give input=file.npy\n'],
    [['none.npy'], 'error: none.npy: no such file\n'],
    [['flat.npy'], 'error: flat.npy: is f32[768], but "input" is f32[1,3,16,16]\n'],
    [['z=x.npy'], 'error: no input "z"\n  hint: inputs: "input"\n'],
    [['x.npy', 'x.npy'], 'error: input "input" is given more than once\n'],
    [['m.onnx'], 'error: m.onnx: expected a .npy file or an ONNX .pb file\n'],
  ])('refuses %s', async (inputs, message) => {
    expect(await cli.call('run', 'out/bundle', ...inputs)).toEqual({ code: 2, stdout: '', stderr: message })
  })
})

describe('images', () => {
  beforeAll(async () => {
    const options = ['--preprocess', 'marked.json', '--labels', 'labels.txt', '--target', 'simd128', '--quiet']
    expect(await cli.call('m.onnx', '-o', 'images', ...options)).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it.each(['image.jpg', 'image.png'])('%s is classified, and labels are safe to print', async (image) => {
    const { code, stdout } = await cli.call('run', 'images', image, '--top-k', '4')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^image\.\w+ \(simd128\)\n {2}label +index +score\n( {2}\S+ +\d +[\d.]+ %\n){4}$/)
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toContain('[31mdog')
  })

  it('gives the same for programs, and writes outputs', async () => {
    const { stdout } = await cli.call('run', 'images', 'image.png', '--json', '-o', 'logits.npy')
    const { classes, image, files } = JSON.parse(stdout)
    expect([image, files, classes.length]).toEqual(['image.png', ['logits.npy'], 4])
    expect(['ant', 'bee', 'cat', '\u001b[31mdog']).toContain(classes[0].label)
    const logits = Array.from(readNpy(readFileSync(cli.path('logits.npy'))).data, Number)
    expect(logits.indexOf(Math.max(...logits))).toBe(classes[0].index)
  })

  it.each([
    ['out/bundle image.png', 'error: out/bundle: takes no images\n  hint: compile the model with --preprocess\n'],
    ['images image.png image.jpg', 'error: give one image, and nothing else\n'],
    ['images none.jpg', 'error: none.jpg: no such file or folder\n'],
  ])('run %s is refused', async (line, message) => {
    expect(await cli.call('run', ...line.split(' '))).toEqual({ code: 2, stdout: '', stderr: message })
  })

  it('says what is no image', async () => {
    const { code, stderr } = await cli.call('run', 'images', 'text.png')
    expect([code, stderr]).toEqual([2, 'error: text.png: is no image that can be read: neither JPEG nor PNG\n'])
    writeFileSync(cli.path('image.webp'), 'RIFF')
    expect((await cli.call('run', 'images', 'image.webp')).stderr).toBe(
      'error: image.webp: is no image that can be read: neither JPEG nor PNG\n',
    )
  })

  it('wants a label for each class', async () => {
    writeFileSync(cli.path('two.txt'), 'a\nb')
    const { code, stderr } = await cli.call('m.onnx', '-o', 'two', '--labels', 'two.txt')
    expect([code, existsSync(cli.path('two'))]).toEqual([2, false])
    expect(stderr).toContain('2 labels are given for 4 classes')
  })
})

describe('verify', () => {
  const line = ['verify', 'm.onnx', '--input', 'x.npy', '--target', 'scalar,simd128']

  it('accepts what is equal', async () => {
    const { code, stdout } = await cli.call(...line, '--reference', 'y.npy')
    expect([code, stdout.split('\n').length]).toEqual([0, 3])
    expect(stdout).toMatch(/^✓ scalar "output": equal, largest difference .*\n✓ simd128 "output": equal/)
  })

  it('is silent with --quiet, and lists skipped targets as JSON', async () => {
    expect(await cli.call(...line, '--reference', 'y.npy', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(JSON.parse((await cli.call(...line, '--reference', 'y.npy', '--json')).stdout)).toMatchObject({ ok: true, skipped: [] })
  })

  it('exits with 4 and says where to look', async () => {
    const y = readNpy(readFileSync(cli.path('y.npy')))
    y.data[1] = 99
    writeFileSync(cli.path('bad.npy'), writeNpy(y))
    const { code, stdout, stderr } = await cli.call(...line, '--reference', 'bad.npy')
    expect([code, stderr]).toEqual([4, 'error: m.onnx does not compute the reference\n'])
    expect(stdout).toMatch(/^✗ scalar "output": 1 of 4 elements differ, largest difference .*, worst at 1: .* instead of 99/)
    expect(stdout).toContain('either import or reference is wrong. A folder with one .npy per value as reference would show where.')
    const { ok, diagnosis } = JSON.parse((await cli.call(...line, '--reference', 'bad.npy', '--json')).stdout)
    expect([ok, typeof diagnosis]).toEqual([false, 'string'])
  })

  it('takes tolerances', async () => {
    expect((await cli.call(...line, '--reference', 'bad.npy', '--atol', '1000')).code).toBe(0)
    expect((await cli.call(...line, '--reference', 'bad.npy', '--atol', '-1')).code).toBe(2)
  })
})
