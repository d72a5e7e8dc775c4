/** Makes the page work without a network. It stores all files at the first visit, and answers requests from this store. */

/** Addresses of the build's files. The build puts this constant and the next in front of the script. */
declare const FILES: readonly string[]
/** A name that changes whenever a file changes. */
declare const VERSION: string

const scope = self as unknown as ServiceWorkerGlobalScope

scope.addEventListener('install', (event) => event.waitUntil(store()))
scope.addEventListener('activate', (event) => event.waitUntil(dropOlder()))
scope.addEventListener('fetch', (event) => {
  if (event.request.method === 'GET') event.respondWith(answer(event.request))
})

/** Stores all files. With `no-cache`, the browser asks the server even if it still holds files of an earlier build. */
async function store(): Promise<void> {
  const cache = await caches.open(VERSION)
  await cache.addAll(FILES.map((file) => new Request(file, { cache: 'no-cache' })))
}

/** Deletes older versions. This runs once no page of an older version is open. */
async function dropOlder(): Promise<void> {
  for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name)
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(VERSION)
  return (await cache.match(request, { ignoreSearch: request.mode === 'navigate', ignoreVary: true })) ?? fetch(request)
}
