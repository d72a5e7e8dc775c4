package com.example.webview

import android.content.res.AssetManager
import android.webkit.WebResourceResponse
import androidx.webkit.WebViewAssetLoader
import java.io.IOException

/** Serves the app's assets, with the MIME types that pages and WebAssembly need. Called on background threads. */
class BundleAssets(private val assets: AssetManager) : WebViewAssetLoader.PathHandler {
    override fun handle(path: String): WebResourceResponse =
        try {
            WebResourceResponse(mimeTypeOf(path), null, assets.open(path))
        } catch (_: IOException) {
            // Without a stream, the answer has status 404.
            WebResourceResponse(null, null, null)
        }

    private fun mimeTypeOf(path: String): String =
        when (path.substringAfterLast('.', "")) {
            "html" -> "text/html"
            "css" -> "text/css"
            "js" -> "text/javascript"
            "json" -> "application/json"
            "wasm" -> "application/wasm"
            else -> "application/octet-stream"
        }
}
