import Foundation
import WebKit

/// Serves the files of a folder, with the MIME types that pages and WebAssembly need.
///
/// The answers are `HTTPURLResponse`s: with a plain `URLResponse`, `fetch` sees status 0, which is not `ok`,
/// and the bundle's loader refuses the file.
final class AssetHandler: NSObject, WKURLSchemeHandler {
    private let folder: URL

    init(folder: URL) {
        self.folder = folder.standardizedFileURL
    }

    /// Answers at once, on the main thread. So `stop` has nothing to end.
    func webView(_ webView: WKWebView, start task: any WKURLSchemeTask) {
        guard let url = task.request.url else {
            task.didFailWithError(URLError(.badURL))
            return
        }
        let file = folder.appendingPathComponent(url.path).standardizedFileURL
        let inside = file.path.hasPrefix(folder.path + "/")
        let contents = inside ? try? Data(contentsOf: file, options: .mappedIfSafe) : nil
        task.didReceive(response(to: url, file: file, length: contents?.count))
        if let contents { task.didReceive(contents) }
        task.didFinish()
    }

    func webView(_ webView: WKWebView, stop task: any WKURLSchemeTask) {}

    /// `length` is nil if there is no such file.
    private func response(to url: URL, file: URL, length: Int?) -> HTTPURLResponse {
        let headers = ["Content-Type": Self.mimeType(of: file), "Content-Length": String(length ?? 0)]
        return HTTPURLResponse(url: url, statusCode: length == nil ? 404 : 200, httpVersion: "HTTP/1.1", headerFields: headers)!
    }

    private static func mimeType(of file: URL) -> String {
        switch file.pathExtension {
        case "html": return "text/html"
        case "css": return "text/css"
        case "js": return "text/javascript"
        case "json": return "application/json"
        case "wasm": return "application/wasm"
        default: return "application/octet-stream"
        }
    }
}
