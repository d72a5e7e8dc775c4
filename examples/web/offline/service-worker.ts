/** Keeps the page for use without a network: all of it is stored at the first visit, and answered from there ever after. */

/** Addresses of the build's files, and a name that changes with any of them: the build puts both in front of this script. */
declare const FILES: readonly string[]
declare const VERSION: string

const scope = self as unknown as ServiceWorkerGlobalScope

scope.addEventListener('install', (event) => event.waitUntil(store()))
scope.addEventListener('activate', (event) => event.waitUntil(dropOlder()))
scope.addEventListener('fetch', (event) => {
  if (event.request.method === 'GET') event.respondWith(answer(event.request))
})

/** `no-cache`: what a browser may still hold of an earlier build is asked for again. */
async function store(): Promise<void> {
  const cache = await caches.open(VERSION)
  await cache.addAll(FILES.map((file) => new Request(file, { cache: 'no-cache' })))
}

/** This runs once no page of the older version is open. */
async function dropOlder(): Promise<void> {
  for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name)
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(VERSION)
  return (await cache.match(request, { ignoreSearch: request.mode === 'navigate', ignoreVary: true })) ?? fetch(request)
}
