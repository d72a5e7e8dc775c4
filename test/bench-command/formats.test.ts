import { describe, expect, test } from 'vitest'
import { baselineRemarks, parseBaseline } from '../../compiler/bench/baseline.ts'
import { FORMATS, formatReport } from '../../compiler/bench/formats/index.ts'
import { Output } from '../../compiler/terminal/output.ts'
import { RESULT, reportOf, SLOWER } from './reports.ts'

const { colors } = new Output({ color: false })
const plain = reportOf([{ ...RESULT, gmacs: null, fraction: null }])
const slower = reportOf([SLOWER], { maxRegression: 0.05, base: { ...plain.bundle, folder: 'base' } })

test('table', () => {
  expect(formatReport(plain, 'table', colors)).toMatchInlineSnapshot(`
    "head & co Node 24.1.0, A CPU; 102 rounds in 3 launches

      target        min ms  median ms  95 % interval  p90 ms  GMAC/s  of ceiling  load ms  first run ms  memory MiB
      relaxed-simd    3.12       3.46   3.40 to 3.60    4.50       –           –     12.3          21.9        12.0
    "
  `)
})

test('table of a regression', () => {
  expect(formatReport(slower, 'table', colors)).toMatchInlineSnapshot(`
    "head & co Node 24.1.0, A CPU; 102 rounds in 3 launches

      target               min ms  median ms  95 % interval  p90 ms  GMAC/s  of ceiling  load ms  first run ms  memory MiB
      relaxed-simd           3.12       3.46   3.40 to 3.60    4.50    16.5        71 %     12.3          21.9        12.0
      relaxed-simd (base)    2.80       3.10   3.00 to 3.20    4.00    16.5        71 %     12.3          21.9        12.0

    relaxed-simd: slower than the other bundle by more than 5 %: +10.2 % (95 % interval +9.1 % to +11.4 %, p < 0.0001)

      slower layer                              before ms  now ms    change
      /features/1/conv<"0"> + /features/1/relu      0.200   0.500  +150.0 %
    "
  `)
})

test('step summary of a regression, with names that are no markup', () => {
  expect(formatReport(slower, 'step-summary', colors)).toMatchInlineSnapshot(`
    "### Benchmark of head &#38; co

    | target | min ms | median ms | 95 % interval | p90 ms | GMAC/s | of ceiling | load ms | first run ms | memory MiB |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | relaxed-simd | 3.12 | 3.46 | 3.40 to 3.60 | 4.50 | 16.5 | 71 % | 12.3 | 21.9 | 12.0 |
    | relaxed-simd (base) | 2.80 | 3.10 | 3.00 to 3.20 | 4.00 | 16.5 | 71 % | 12.3 | 21.9 | 12.0 |

    ❌ relaxed-simd: slower than the other bundle by more than 5 %: +10.2 % (95 % interval +9.1 % to +11.4 %, p < 0.0001)

    | slower layer | before ms | now ms | change |
    | --- | ---: | ---: | ---: |
    | /features/1/conv&#60;"0"&#62; + /features/1/relu | 0.200 | 0.500 | +150.0 % |

    <sub>Node 24.1.0, A CPU; 102 rounds in 3 launches</sub>
    "
  `)
})

test('JUnit', () => {
  expect(formatReport(slower, 'junit', colors)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites>
      <testsuite name="bench head &amp; co" tests="1" failures="1">
        <testcase classname="head &amp; co" name="relaxed-simd" time="0.003457">
          <failure message="relaxed-simd: slower than the other bundle by more than 5 %: +10.2 % (95 % interval +9.1 % to +11.4 %, p &lt; 0.0001)">relaxed-simd: slower than the other bundle by more than 5 %: +10.2 % (95 % interval +9.1 % to +11.4 %, p &lt; 0.0001)
    /features/1/conv&lt;&quot;0&quot;&gt; + /features/1/relu  0.200  0.500  +150.0 %</failure>
          <system-out>median 3.46 ms, 95 % interval 3.40 to 3.60 ms; relaxed-simd: slower than the other bundle by more than 5 %: +10.2 % (95 % interval +9.1 % to +11.4 %, p &lt; 0.0001)</system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `)
  expect(formatReport(plain, 'junit', colors)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites>
      <testsuite name="bench head &amp; co" tests="1" failures="0">
        <testcase classname="head &amp; co" name="relaxed-simd" time="0.003457">
          <system-out>median 3.46 ms, 95 % interval 3.40 to 3.60 ms</system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `)
})

test('github-action-benchmark', () => {
  expect(formatReport(slower, 'gha', colors)).toMatchInlineSnapshot(`
    "[
      {
        "name": "relaxed-simd",
        "unit": "ms",
        "value": 3.457,
        "range": "3.40 to 3.60",
        "extra": "min 3.12 ms, p90 4.50 ms, 71.2 % of the ceiling"
      }
    ]
    "
  `)
})

test('Bencher', () => {
  expect(formatReport(slower, 'bencher', colors)).toMatchInlineSnapshot(`
    "{
      "relaxed-simd": {
        "latency": {
          "value": 3456700,
          "lower_value": 3400000,
          "upper_value": 3600000
        },
        "throughput": {
          "value": 16500000000
        },
        "load": {
          "value": 12300000
        },
        "memory": {
          "value": 12582912
        }
      }
    }
    "
  `)
})

test('JSON keeps six digits, and short lists on one line', () => {
  const text = formatReport(slower, 'json', colors)
  expect(JSON.parse(text)).toEqual({ ...slower })
  expect(text).toContain('[80.1, 80.2]')
})

test.each(FORMATS)('%s of every verdict ends in one line end', (format) => {
  for (const verdict of ['slower', 'faster', 'unchanged', 'unclear'] as const) {
    const comparison = { against: 'baseline' as const, ratio: 1, interval: [0.9, 1.2] as const, p: 0.5, verdict }
    expect(formatReport(reportOf([{ ...RESULT, comparison }], { maxRegression: 0.05 }), format, colors)).toMatch(/[^\n]\n$/)
  }
})

describe('baselines', () => {
  test('are reports as they were written', () => {
    expect(parseBaseline(formatReport(slower, 'json', colors)).results[0]?.costs).toEqual(SLOWER.costs)
  })

  test.each([
    ['{', 'is not JSON'],
    ['null', 'is not a report of bench'],
    ['[]', 'is not a report of bench'],
    ['{"schema":"other"}', 'is not a report of bench'],
    [JSON.stringify({ ...plain, results: [{ target: 'simd128' }] }), 'without "target" and "costs"'],
    [JSON.stringify({ ...plain, results: [{ target: 'simd128', costs: [[0]] }] }), 'without "target" and "costs"'],
    [JSON.stringify({ ...plain, results: null }), 'without "target" and "costs"'],
  ])('%s', (text, message) => {
    expect(() => parseBaseline(text)).toThrow(message)
  })

  test('of other circumstances are remarked upon', () => {
    const other = reportOf([], { bundle: { ...plain.bundle, modelHash: 'cd' }, engine: { name: 'chromium', version: '150' } })
    expect(baselineRemarks(other, plain)).toEqual([
      'the baseline is of another model',
      'the baseline was measured in chromium, this in node',
    ])
    expect(baselineRemarks(plain, plain)).toEqual([])
  })
})
