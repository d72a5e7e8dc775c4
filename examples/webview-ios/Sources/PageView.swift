import SwiftUI
import WebKit

/// Shows `index.html` of the app's folder `webview-page`, at an address of the app's own scheme.
struct PageView: UIViewRepresentable {
    private static let scheme = "app"

    func makeUIView(context: Context) -> WKWebView {
        let configuration = WKWebViewConfiguration()
        let folder = Bundle.main.bundleURL.appendingPathComponent("webview-page", isDirectory: true)
        configuration.setURLSchemeHandler(AssetHandler(folder: folder), forURLScheme: Self.scheme)
        let view = WKWebView(frame: .zero, configuration: configuration)
        view.isInspectable = true
        view.load(URLRequest(url: URL(string: "\(Self.scheme)://page/index.html")!))
        return view
    }

    func updateUIView(_ view: WKWebView, context: Context) {}
}
