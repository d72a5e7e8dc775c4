/**
 * The `package.json` of a bundle. The bundle can be imported, bundled or published as it is.
 *
 * Assets are exported by patterns, because type checkers take everything that is exported by name for code.
 * `worker.js` answers messages when it is imported in a worker, so bundlers must not drop that import.
 */

/** `files` are those of the bundle so far. */
export function emitPackage(name: string, files: readonly string[]): string {
  const assets = ['wasm', 'bin'].filter((kind) => files.some((f) => f.endsWith(`.${kind}`)))
  const exports = {
    '.': { types: './index.d.ts', workerd: './edge.js', 'edge-light': './edge.js', default: './index.js' },
    ...entry('index'),
    ...entry('edge'),
    ...entry('worker'),
    ...Object.fromEntries(assets.map((kind) => [`./*.${kind}`, `./*.${kind}`])),
    './manifest.json': './manifest.json',
    './package.json': './package.json',
  }
  const content = {
    name: packageName(name),
    version: '1.0.0',
    type: 'module',
    main: './index.js',
    types: './index.d.ts',
    exports,
    files: [...files.filter((f) => f !== 'package.json'), 'manifest.json'].sort(),
    sideEffects: ['./worker.js'],
  }
  return `${JSON.stringify(content, null, 2)}\n`
}

function entry(name: string): Record<string, object> {
  const target = { types: `./${name}.d.ts`, default: `./${name}.js` }
  return { [`./${name}`]: target, [`./${name}.js`]: target }
}

/** npm's rules: lower case, URL-safe, no leading dot or underscore, at most 214 characters. */
function packageName(name: string): string {
  const safe = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '')
    .slice(0, 214)
  return safe || 'model'
}
