/** What a page shows once its script has run. */

import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

/** JavaScript that shows `output`. */
export const SHOW = `\ndocument.body.dataset.output = JSON.stringify([...output])\n`

const PATIENCE = 10_000

/** The numbers that the page at `url` shows. Rejects with the page's own error where it fails. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<number[]> {
  const page = await browser.newPage(options)
  try {
    const failure = failureOf(page)
    await page.goto(url)
    return await Promise.race([shown(page), failure])
  } finally {
    await page.close()
  }
}

async function shown(page: Page): Promise<number[]> {
  const body = page.locator('body[data-output]')
  await body.waitFor({ state: 'attached', timeout: PATIENCE })
  return JSON.parse((await body.getAttribute('data-output')) as string)
}

function failureOf(page: Page): Promise<never> {
  const failure = new Promise<never>((_, reject) => {
    page.on('pageerror', reject)
    page.on('console', (message) => message.type() === 'error' && reject(new Error(`console: ${message.text()}`)))
  })
  failure.catch(() => {})
  return failure
}
